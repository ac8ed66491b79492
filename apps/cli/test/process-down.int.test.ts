import { openQuery } from '@vectra/event-store'
import { startSimulator } from '@vectra/simulator'
import { expect, it } from 'vitest'
import { scratch, startCli } from './run-cli.ts'

interface StoredGap {
  readonly session: string
  readonly seq: number
  readonly from: number
  readonly to: number
  readonly cause: string
  readonly source: string
  readonly est_missing: number | null
  readonly recovered_by: string | null
  readonly previous_session: string
  readonly previous_end: string
}

async function gapsOf(dir: string): Promise<StoredGap[]> {
  await using query = await openQuery({ dir })
  const gaps: StoredGap[] = []
  for await (const { raw_json, session_id: session, seq } of query.events({ events: ['gap'] }))
    gaps.push({ ...(JSON.parse(raw_json ?? '') as StoredGap), session, seq })
  return gaps
}

/** First and last data frame of each session, in order. */
async function spansOf(dir: string): Promise<{ session: string; first: number; last: number; frames: number }[]> {
  await using query = await openQuery({ dir })
  const { rows } = await query.sql(
    "SELECT session_id, min(ts), max(ts), count(*) FROM ws_event WHERE packet = '42' GROUP BY 1 ORDER BY 2",
  )
  return rows.map(([session, first, last, frames]) => ({
    session: String(session),
    first: Number(first),
    last: Number(last),
    frames: Number(frames),
  }))
}

it('P9: kill -9 and a restart: one gap of cause process_down, from the last durable frame to the first new one', {
  timeout: 60_000,
}, async () => {
  using dir = scratch()
  await using simulator = await startSimulator({ seed: 'down', speed: 20, waitForClient: true })
  const record = () =>
    startCli(['record', '--url', simulator.url, '--data-dir', dir.path, '--ops-port', 'off', '--flush-interval', '200ms'])
  // Frames after a connect, wherever the round stands: a recorder stopped before the first one has no span.
  const someFrames = async (): Promise<void> => {
    await simulator.control.waitFor((state) => state.phase === 'cooldown' || state.phase === 'presale')
    await simulator.control.waitFor((state) => state.phase === 'active' && state.tick >= 3)
  }
  const first = record()
  await first.seen(/"msg":"connect"/)
  await simulator.control.waitFor(({ phase, tick }) => phase === 'active' && tick >= 20)
  first.child.kill('SIGKILL')
  await first.done
  await simulator.control.waitFor((state) => state.phase === 'rugged')
  const second = record()
  await second.seen(/"msg":"connect"/)
  await someFrames()
  second.child.kill('SIGTERM')
  expect((await second.done).code).toBe(0)
  const stopped = record()
  await stopped.seen(/"msg":"connect"/)
  await someFrames()
  stopped.child.kill('SIGTERM')
  expect((await stopped.done).code).toBe(0)

  const [a, b, c] = await spansOf(dir.path)
  const gaps = (await gapsOf(dir.path)).filter(({ cause }) => cause === 'process_down')
  expect(gaps).toHaveLength(2)
  expect(gaps[0]).toMatchObject({
    session: b?.session,
    from: a?.last,
    to: b?.first,
    source: 'public_ws',
    previous_session: a?.session,
    previous_end: 'killed',
    recovered_by: null,
  })
  expect(gaps[0]?.est_missing).toBeGreaterThan(0)
  // Stopped on purpose: accounted for until the end of the session, which is after its last frame.
  expect(gaps[1]).toMatchObject({ session: c?.session, to: c?.first, previous_session: b?.session, previous_end: 'stopped' })
  expect(gaps[1]?.from).toBeGreaterThanOrEqual(b?.last ?? Number.POSITIVE_INFINITY)
})
