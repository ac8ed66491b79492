import { startSimulator } from '@vectra/simulator'
import { describe, expect, it } from 'vitest'
import type { Io } from '../src/terminal/io.ts'
import { createLog } from '../src/terminal/log.ts'
import { redactText, redactValue } from '../src/terminal/redact.ts'
import { scratch, startCli, vectra } from './run-cli.ts'

describe('secrets', () => {
  it.each([
    ['https://me:hunter2@host.test/x', 'https://[redacted]@host.test/x'],
    [
      'wss://host.test/socket.io?EIO=4&access_token=abc123&transport=polling',
      'wss://host.test/socket.io?EIO=4&access_token=[redacted]&transport=polling',
    ],
    ['sent Authorization: Bearer abcdef.123456', 'sent Authorization: Bearer [redacted]'],
    ['token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdef', 'token [redacted]'],
    ['a plain line about http://127.0.0.1:9464/status?x=1', 'a plain line about http://127.0.0.1:9464/status?x=1'],
    ['mail me@host.test', 'mail me@host.test'],
  ])('in a text: %s', (text, clean) => {
    expect(redactText(text)).toBe(clean)
  })

  it('by name, at any depth, in any spelling; the rest is as it was', () => {
    expect(
      redactValue({
        url: 'http://feed.test',
        authToken: 'x',
        details: {
          headers: { Cookie: 'a=b', 'Set-Cookie': ['c'], 'X-Api-Key': 'k' },
          list: [{ PASSWORD: 'p', n: 1 }],
          none: null,
        },
        private_key: { d: 1 },
        gaps: 3,
      }),
    ).toEqual({
      url: 'http://feed.test',
      authToken: '[redacted]',
      details: {
        headers: { Cookie: '[redacted]', 'Set-Cookie': '[redacted]', 'X-Api-Key': '[redacted]' },
        list: [{ PASSWORD: '[redacted]', n: 1 }],
        none: null,
      },
      private_key: '[redacted]',
      gaps: 3,
    })
    let deep: unknown = { token: 'x' }
    for (let level = 0; level < 50; level += 1) deep = { inner: deep, list: ['secret'] }
    expect(JSON.stringify(redactValue(deep))).not.toContain('"x"')
  })

  it('not on a terminal either', async () => {
    const lines: string[] = []
    const io = { stderrIsLive: true, styledError: (_style: unknown, text: string) => text } as unknown as Io
    const log = await createLog(io, 'info', 'record', (line) => void lines.push(line))
    log.info('connecting to ws://me:hunter2@host.test', { token: 'abc', tries: 2 })
    log.debug('quiet')
    expect(lines).toEqual(['• connecting to ws://[redacted]@host.test  token=[redacted] tries=2'])
  })
})

describe('the log of a recorder that runs', () => {
  it('is JSON lines on stderr, at the level asked for, without the credentials of the address; stdout has the summary alone', async () => {
    using dir = scratch()
    await using simulator = await startSimulator({ seed: 'log', speed: 20 })
    const url = simulator.url.replace('http://', 'http://me:hunter2@')
    const args = [
      'record',
      '--url',
      `${url}/?token=abcdef123`,
      '--duration',
      '500ms',
      '--data-dir',
      dir.path,
      '--ops-port',
      'off',
    ]
    const { code, stdout, stderr } = await vectra(args)
    expect(code, stderr).toBe(0)
    const lines = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { level: string; svc: string; cmd: string; msg: string; url?: string })
    expect(lines.length).toBeGreaterThan(1)
    for (const line of lines)
      expect(line).toMatchObject({ svc: 'vectra', cmd: 'record', level: expect.stringMatching(/info|warn/) })
    expect(lines.find(({ msg }) => msg === 'recording')?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    expect(stdout + stderr).not.toMatch(/hunter2|abcdef123/)
    expect(stdout.trim().split('\n')).toHaveLength(1)
    const silent = await vectra([...args, '--log-level', 'error'])
    expect([silent.code, silent.stderr]).toEqual([0, ''])
  })

  it.each([
    ['SIGTERM', 'SIGINT', 130],
    ['SIGINT', 'SIGTERM', 143],
  ] as const)(
    'a recorder whose end takes too long leaves at once on a second signal: %s, then %s is exit %d',
    { timeout: 60_000 },
    async (first, second, exit) => {
      using dir = scratch()
      await using simulator = await startSimulator({ seed: 'forced', speed: 20, waitForClient: true })
      // The store cannot finish its end: its only exit is the second signal.
      const recorder = startCli(['record', '--url', simulator.url, '--data-dir', dir.path, '--ops-port', 'off'], {
        env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(HOLD)}` },
      })
      await recorder.seen(/"msg":"connect"/)
      recorder.child.kill(first)
      await recorder.seen(/"msg":"stopping"/)
      recorder.child.kill(second)
      const { code, stderr } = await recorder.done
      expect([code, stderr]).toEqual([exit, expect.stringMatching(new RegExp(`left at once \\(second ${second}\\)`))])
      // Nothing acknowledged is lost: the next one makes it part files.
      const { stdout } = await vectra(['store', 'recover', '--json', '--data-dir', dir.path])
      expect(JSON.parse(stdout)).toMatchObject({ failures: [] })
      expect((await vectra(['store', 'verify', '--data-dir', dir.path])).code).toBe(0)
    },
  )
})

/** Makes the store's threads deaf to everything once a stop signal came, so that an orderly end never comes. */
const HOLD = `
import { Worker } from 'node:worker_threads'
const post = Worker.prototype.postMessage
let held = false
for (const name of ['SIGINT', 'SIGTERM']) process.prependListener(name, () => { held = true })
Worker.prototype.postMessage = function (...args) { if (!held) return post.apply(this, args) }
`
