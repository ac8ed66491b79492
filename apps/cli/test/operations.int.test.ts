import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startSimulator } from '@vectra/simulator'
import { expect, it } from 'vitest'
import { type RunningCli, scratch, startCli, vectra } from './run-cli.ts'

/** Address under which a recorder said that it serves its status. */
async function opsOf(recorder: RunningCli): Promise<string> {
  const [, url = ''] = await recorder.seen(/"url":"(http:\/\/127\.0\.0\.1:\d+)","msg":"status and metrics"/)
  return url
}

/** Asks again until the answer is as wanted; the test's own time limit ends it. */
async function until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (wanted(answer)) return answer
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

interface Status {
  readonly state: string
  readonly stored: number
  readonly sources: readonly { readonly session: string; readonly connection: string }[]
  readonly store: { readonly acked: number }
}

it('a recorder is watched from outside: health, readiness, status, metrics; all of them true', { timeout: 60_000 }, async () => {
  using dir = scratch()
  await using simulator = await startSimulator({ seed: 'ops', speed: 20, waitForClient: true })
  const recorder = startCli(['record', '--url', simulator.url, '--data-dir', dir.path, '--ops-port', '0'])
  const url = await opsOf(recorder)
  await until(
    async () => (await fetch(`${url}/readyz`)).status,
    (status) => status === 200,
  )
  expect(await (await fetch(`${url}/healthz`)).json()).toMatchObject({ status: 'ok', pid: recorder.child.pid })
  const status = (await (await fetch(`${url}/status`)).json()) as Status
  expect(status).toMatchObject({
    state: 'recording',
    ready: true,
    data_dir: dir.path,
    sources: [{ connection: 'connect', url: `${simulator.url}/` }],
  })
  // With the feed standing still, what is counted has to agree to the last frame; behind this one nothing is under way.
  simulator.control.pause()
  simulator.control.emit('testEnd')
  const flushes = (text: string): number => Number(/^vectra_flush_seconds_count (\d+)$/m.exec(text)?.[1])
  const metrics = await until(
    async () => (await fetch(`${url}/metrics`)).text(),
    (text) => flushes(text) > 0 && text.includes('event="testEnd"'),
  )
  const rest = (await (await fetch(`${url}/status`)).json()) as Status & { events: number }
  expect(rest.events).toBe(rest.stored)
  const events = [...metrics.matchAll(/^vectra_events_total\{.*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0)
  expect(events).toBe(rest.stored)
  expect(metrics).toMatch(/^vectra_source_up\{source="public_ws"\} 1$/m)
  expect(Number(/^vectra_ack_seconds_count (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(0)
  expect(metrics).toMatch(/^process_resident_memory_bytes \d+$/m)
  const home = await vectra(['--json', '--data-dir', dir.path])
  expect(JSON.parse(home.stdout)).toMatchObject({
    running: [
      {
        session: status.sources[0]?.session,
        pid: recorder.child.pid,
        url,
        status: { state: 'recording', connection: 'connect', events: rest.stored },
      },
    ],
  })
  expect((await vectra(['--data-dir', dir.path])).stdout).toMatch(/[\d,]+ events, 0 gaps, game …/)

  await simulator.close()
  const down = await until(
    async () => {
      const answer = await fetch(`${url}/readyz`)
      return { code: answer.status, text: await answer.text() }
    },
    ({ code }) => code === 503,
  )
  expect(down.text).toMatch(/no frame for/)
  recorder.child.kill('SIGTERM')
  const { code, stdout } = await recorder.done
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ exit: 'clean' })
  await expect(fetch(`${url}/healthz`)).rejects.toThrow()
})

it('a port that is taken: exit 75 when it was asked for, another one when it was not, nothing at all with off', async () => {
  using dir = scratch()
  await using simulator = await startSimulator({ seed: 'ports', speed: 20 })
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as AddressInfo
  try {
    const args = ['record', '--url', simulator.url, '--duration', '300ms', '--data-dir', dir.path]
    const refused = await vectra([...args, '--ops-port', `:${port}`, '--json'])
    expect(refused.code).toBe(75)
    expect(JSON.parse(refused.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
      error: { code: 'RECORDER_PORT_IN_USE', hint: expect.stringContaining('--ops-port') },
    })
    const off = await vectra([...args, '--ops-port', 'off'])
    expect([off.code, /status and metrics/.test(off.stderr)]).toEqual([0, false])
    const bad = await vectra([...args, '--ops-port', '70000'])
    expect(bad.code).toBe(2)
    const variable = await vectra(args, { env: { VECTRA_RECORD_OPS_PORT: `${port}` } })
    expect(variable.code).toBe(75)
  } finally {
    taken.close()
  }
})
