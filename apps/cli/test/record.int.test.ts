import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ReplayRecord, type ReplayServer, type Speed, serveReplay, systemClock } from '@vectra/ingest'
import { sampleFeed } from '@vectra/recorder'
import { describe, expect, it } from 'vitest'
import { CAPTURES, HAVE_CAPTURES } from './captures.ts'
import { scratch, startCli, vectra } from './run-cli.ts'

const SAMPLE = [...sampleFeed({ seed: 'record', startAt: 1_770_365_059_440_000 })].map(
  ({ at, text }): ReplayRecord => ({ at, text, direction: 'received' }),
)

const serveSample = (speed: Speed, options: { loop?: boolean } = {}): Promise<ReplayServer> =>
  serveReplay({ records: SAMPLE, clock: systemClock(), speed, ...options })

async function rows(data: string, sql: string): Promise<Record<string, unknown>[]> {
  const { code, stdout, stderr } = await vectra(['query', sql, '--json', '-q', '--max-rows', '100000', '--data-dir', data])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

/** Frames as the server had them: the capture's own text of name and data; a traced pair becomes two arguments. */
function framesOf(name: string): string[] {
  const lines = readFileSync(join(CAPTURES, name), 'utf8').trimEnd().split('\n')
  return lines.flatMap((line) => {
    const match = /^\{"seq": \d+, "ts": "[^"]+", "event": ("[^"]+"), "data": (.*)\}$/.exec(line)
    if (match === null) throw new Error(`not a line of an event log: ${line.slice(0, 80)}`)
    const [, event = '', data = ''] = match
    if (event === '"connect"') return []
    return [`42[${event},${data.startsWith('[') ? data.slice(1, -1) : data}]`]
  })
}

describe.runIf(HAVE_CAPTURES)('a capture through the replay server', () => {
  it('P3: 553 events in at --speed max, and packet || raw_json is what was sent, byte for byte', async () => {
    using dir = scratch()
    const replay = startCli([
      'replay',
      join(CAPTURES, 'public-2025-12-12.jsonl'),
      '--as-server',
      ':0',
      '--speed',
      'max',
      '--once',
      '--json',
    ])
    const [, url = ''] = await replay.seen(/"url":"([^"]+)"/)
    const { code, stdout } = await vectra(['record', '--url', url, '--until-end', '--data-dir', dir.path])
    expect(code).toBe(0)
    const summary: unknown = JSON.parse(stdout)
    expect(summary).toMatchObject({
      reason: 'source_ended',
      issues: 0,
      gaps: 0,
      exit: 'clean',
      // 510 state frames; the window of the first one tells the four ticks before it.
      rows: { game_tick: 514 },
      sessions: [{ source: 'public_ws', closes: true }],
    })
    expect(stdout.trim().split('\n')).toHaveLength(1)
    const served = await replay.done
    expect(served.code).toBe(0)
    expect(
      served.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([{ event: 'listening' }, { event: 'stopped', sent: 553, exit: 'clean' }])
    const stored = await rows(dir.path, "SELECT packet || raw_json AS frame FROM ws_event WHERE packet = '42' ORDER BY seq")
    expect(stored.map(({ frame }) => frame)).toEqual(framesOf('public-2025-12-12.jsonl'))
    expect(stored).toHaveLength(553)
  }, 60_000)

  it('the same stretch replays from the store: one game recorded again gives the same frames', async () => {
    using dir = scratch()
    await vectra(['import', join(CAPTURES, 'public-2025-12-12.jsonl'), '--data-dir', dir.path])
    const replay = startCli([
      'replay',
      '6114b2ff44ef4b71',
      '--as-server',
      ':0',
      '--speed',
      'max',
      '--once',
      '--json',
      '--data-dir',
      dir.path,
    ])
    const [, url = ''] = await replay.seen(/"url":"([^"]+)"/)
    expect((await vectra(['record', '--url', url, '--until-end', '--data-dir', dir.path])).code).toBe(0)
    expect((await replay.done).code).toBe(0)
    const frames = (source: string): Promise<Record<string, unknown>[]> =>
      rows(
        dir.path,
        `SELECT packet || raw_json AS frame FROM ws_event WHERE source = '${source}' AND packet = '42' AND game_id = '20251212-6114b2ff44ef4b71' ORDER BY seq`,
      )
    const first = await frames('replay')
    expect(first.length).toBeGreaterThan(100)
    expect(await frames('public_ws')).toEqual(first)
  }, 60_000)
})

it('--duration and --until-games end a recording by themselves, with counts by doc_type', async () => {
  using dir = scratch()
  await using server = await serveSample('max', { loop: true })
  const timed = await vectra(['record', '--url', server.url, '--duration', '300ms', '--data-dir', dir.path])
  expect(timed.code).toBe(0)
  expect(JSON.parse(timed.stdout)).toMatchObject({ reason: 'duration', exit: 'clean', data_dir: dir.path })
  await using finite = await serveSample('max')
  const games = await vectra(['record', '--url', finite.url, '--until-games', '2', '--data-dir', dir.path])
  const summary: { rows: Record<string, number>; sessions: { session: string }[]; stored: number } = JSON.parse(games.stdout)
  expect(summary).toMatchObject({ reason: 'until_games', games: 2 })
  const stored = await rows(
    dir.path,
    `SELECT doc_type, count(*) AS n FROM events WHERE session_id = '${summary.sessions[0]?.session}' GROUP BY 1`,
  )
  expect(Object.fromEntries(stored.map(({ doc_type, n }) => [doc_type, n]))).toEqual(summary.rows)
  expect(summary.rows.ws_event).toBe(summary.stored)
}, 60_000)

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s stops in order: everything received is stored, one line of JSON, exit 0',
  async (signal) => {
    using dir = scratch()
    await using server = await serveSample(40, { loop: true })
    const recorder = startCli(['record', '--url', server.url, '--data-dir', dir.path])
    await recorder.seen(/"msg":"connect"/)
    recorder.child.kill(signal)
    const { code, stdout, stderr } = await recorder.done
    expect(code).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(1)
    const summary: { events: number; stored: number } = JSON.parse(stdout)
    expect(summary).toMatchObject({ reason: 'signal', exit: 'clean', sessions: [{ closes: true }] })
    expect(summary.stored).toBe(summary.events)
    expect(stderr).toContain('"msg":"stopping"')
    expect(await rows(dir.path, "SELECT count(*) AS n FROM system_event WHERE event_name = 'session_end'")).toEqual([{ n: 1 }])
  },
)

it('SIGUSR2 flushes: what was received can be queried while the recorder goes on', async () => {
  using dir = scratch()
  await using server = await serveSample(5)
  const recorder = startCli([
    'record',
    '--url',
    server.url,
    '--flush-events',
    '1000000',
    '--flush-interval',
    '10m',
    '--data-dir',
    dir.path,
  ])
  await recorder.seen(/"msg":"connect"/)
  recorder.child.kill('SIGUSR2')
  await recorder.seen(/"msg":"flushed"/)
  const [count] = await rows(dir.path, 'SELECT count(*) AS n FROM events')
  expect(Number(count?.n)).toBeGreaterThan(0)
  const home = await vectra(['--data-dir', dir.path])
  expect(home.stdout).toMatch(/running +public_ws session/)
  const sessions = await vectra(['sessions', '--json', '--data-dir', dir.path])
  expect(JSON.parse(sessions.stdout)).toMatchObject({ source: 'public_ws', state: 'recording' })
  recorder.child.kill('SIGINT')
  expect((await recorder.done).code).toBe(0)
})

it('a server that cannot be reached is exit 69 once the first connection has taken too long', async () => {
  using dir = scratch()
  const server = await serveSample(1)
  const { url } = server
  await server.close()
  const { code, stdout, stderr } = await vectra(['record', '--url', url, '--connect-timeout', '300ms', '--data-dir', dir.path])
  expect({ code, stdout }).toEqual({ code: 69, stdout: '' })
  expect(stderr).toMatch(/error: no connection to http:\/\/127\.0\.0\.1:\d+\/ within 0\.3 s: .*ECONNREFUSED/)
  expect(stderr).toMatch(/code {2}RECORDER_UNREACHABLE \(exit 69\)/)
})

it('an outage after the first connection is waited out: the recorder reconnects and a gap row says so', async () => {
  using dir = scratch()
  const first = await serveSample(20, { loop: true })
  const recorder = startCli([
    'record',
    '--url',
    first.url,
    '--connect-timeout',
    '500ms',
    '--data-dir',
    dir.path,
    '--log-level',
    'debug',
  ])
  await recorder.seen(/"msg":"connect"/)
  await first.close()
  await recorder.seen(/"msg":"connect error"/)
  await using second = await serveReplay({ records: SAMPLE, clock: systemClock(), speed: 20, loop: true, port: first.port })
  await recorder.seen(/"msg":"reconnect"/)
  recorder.child.kill('SIGTERM')
  const { code, stdout } = await recorder.done
  expect(code).toBe(0)
  expect(second.sent).toBeGreaterThan(0)
  const summary: { gaps: number } = JSON.parse(stdout)
  expect(summary.gaps).toBeGreaterThan(0)
  const gaps = await rows(dir.path, "SELECT payload->>'$.cause' AS cause FROM system_event WHERE event_name = 'gap'")
  expect(gaps[0]).toEqual({ cause: 'disconnect' })
})

it('replay: a port in use is exit 75, a file without frames 65, a missing one 1, and a signal stops it cleanly', async () => {
  using dir = scratch()
  await using server = await serveSample(1)
  const capture = join(dir.path, 'log.jsonl')
  const { writeFileSync } = await import('node:fs')
  writeFileSync(capture, '{"seq": 1, "ts": "2025-12-12T17:16:58.624285", "event": "newChatMessage", "data": {"message": "hi"}}\n')
  const taken = await vectra(['replay', capture, '--as-server', `:${server.port}`])
  expect({ code: taken.code, stdout: taken.stdout }).toEqual({ code: 75, stdout: '' })
  expect(taken.stderr).toMatch(/port \d+ on 127\.0\.0\.1 is in use/)
  const game = join(dir.path, 'game.jsonl')
  writeFileSync(
    game,
    '{"type": "game_start", "timestamp": "2025-10-29T18:47:03.975012", "game_id": "20251029-30868ee4342b42fe"}\n',
  )
  expect(await vectra(['replay', game, '--as-server', ':0'])).toMatchObject({
    code: 65,
    stderr: expect.stringMatching(/holds no frames/),
  })
  expect(await vectra(['replay', 'nowhere.jsonl', '--as-server', ':0'])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/cannot read nowhere\.jsonl/),
  })
  const running = startCli(['replay', capture, '--as-server', ':0'])
  await running.seen(/serving .* on http/)
  running.child.kill('SIGINT')
  const { code, stdout } = await running.done
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ sent: 0, exit: 'clean' })
})
