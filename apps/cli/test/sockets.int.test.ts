import { openEventStore, openQuery } from '@vectra/event-store'
import { publicWsSource, redundantSource, type Source, systemClock, systemRandom } from '@vectra/ingest'
import { runRecorder } from '@vectra/recorder'
import { type Outgoing, type Simulator, startSimulator } from '@vectra/simulator'
import { expect, it } from 'vitest'
import { scratch, startCli } from './run-cli.ts'

const clock = systemClock()
const random = systemRandom()
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A simulated game, and the frames of a client that misses nothing. */
async function feed(): Promise<{ simulator: Simulator; said: string[] } & AsyncDisposable> {
  const said: string[] = []
  const onOutgoing = ({ to, event: { name, args } }: Outgoing): void => {
    if (to === 'all') said.push(`42${JSON.stringify([name, ...args])}`)
  }
  const simulator = await startSimulator({ seed: 'sockets', speed: 100, bots: 5, rugTicks: [20, 40, 60], onOutgoing })
  return { simulator, said, [Symbol.asyncDispose]: () => simulator.close() }
}

/** Kicks until it was done `times` times; the next kick waits until all connections are back and something was said to them. */
async function kick(simulator: Simulator, said: readonly string[], connections: number, times: number): Promise<void> {
  for (let done = 0; done < times; done++) {
    while (simulator.stats().connections < connections) await turn()
    const heard = said.length
    while (said.length < heard + 3) await turn()
    await simulator.control.inject('kick_one')
  }
  while (simulator.stats().connections < connections) await turn()
}

/** What one run left in the store: its frames in order, with a null where a gap row stands. */
async function record(connections: number, kicks: number) {
  using dir = scratch()
  await using world = await feed()
  const { simulator, said } = world
  const socket = (): Source => publicWsSource({ url: simulator.url, clock, random, backoff: { minMs: 1, maxMs: 10 } })
  const source = connections === 1 ? socket() : redundantSource([socket(), socket()], { clock })
  const stop = new AbortController()
  const store = await openEventStore({ dir: dir.path })
  const recorder = runRecorder({ sources: [source], store, clock, random, signal: stop.signal })
  await kick(simulator, said, connections, kicks)
  const upTo = said.length + 20
  while (said.length < upTo) await turn()
  simulator.control.pause()
  const last = said.length
  // Every connection has shown this one, and so all that was said before it.
  simulator.control.emit('testEnd')
  while ((recorder.status().sources[0]?.counters.byEvent.testEnd?.in ?? 0) < connections) await turn()
  stop.abort()
  const { sources } = await recorder.finished
  await store.close()
  await using query = await openQuery({ dir: dir.path, maxRows: 1_000_000 })
  const { rows } = await query.sql(
    `SELECT packet || raw_json, event_name FROM events WHERE doc_type IN ('ws_event', 'system_event') AND (packet = '42' OR event_name = 'gap') ORDER BY seq`,
  )
  const stored = rows.map(([frame, name]) => (name === 'gap' ? null : String(frame)))
  return { said: said.slice(0, last), stored, summary: sources[0] }
}

/**
 * Holds what was stored to what was said, in order: from the first frame on, each is there once or lies behind a gap row.
 * Frames to one connection alone, such as its first full state, are not in what was said.
 *
 * @returns frames behind gap rows
 */
function accounted(said: readonly string[], stored: readonly (string | null)[]): number {
  const places = new Map<string, number[]>()
  for (const [index, text] of said.entries()) places.set(text, [...(places.get(text) ?? []), index])
  let at = -1
  let gap = true
  let missing = 0
  for (const text of stored) {
    if (text === null) gap = true
    const next = text === null ? undefined : places.get(text)?.find((index) => index > at)
    if (next === undefined) continue
    if (at !== -1 && next > at + 1) {
      expect(gap, `a gap row before ${text?.slice(0, 80)}, ${next - at - 1} frames after ${said[at]?.slice(0, 80)}`).toBe(true)
      missing += next - at - 1
    }
    at = next
    gap = false
  }
  if (at < said.length - 1) expect(gap, 'a gap row at the end').toBe(true)
  return missing + said.length - 1 - at
}

it('P9: --sockets 2, one kicked at random 200 times: nothing is missing in the store, nothing doubled, no gap row', async () => {
  const { said, stored, summary } = await record(2, 200)
  expect(stored.filter((text) => text === null)).toEqual([])
  expect(accounted(said, stored)).toBe(0)
  const ticks = (frames: readonly (string | null)[]): string[] =>
    frames.filter((text) => /"active":true/.test(text ?? '')) as string[]
  const once = new Set(said)
  const broadcast = ticks(stored).filter((text) => once.has(text))
  expect(new Set(broadcast).size).toBe(broadcast.length)
  expect(summary).toMatchObject({ closes: true, gaps: 0, estMissing: 0 })
  const sockets = summary?.sockets ?? []
  expect(sockets.reduce((sum, { lost }) => sum + lost, 0)).toBeGreaterThanOrEqual(200)
  expect(sockets.reduce((sum, { missed }) => sum + missed, 0)).toBeGreaterThan(100)
}, 60_000)

it('P9: one socket, kicked 100 times: every missing frame lies behind a gap row, none outside', async () => {
  const { said, stored, summary } = await record(1, 100)
  expect(accounted(said, stored)).toBeGreaterThan(0)
  expect(summary).toMatchObject({ closes: true, gaps: stored.filter((text) => text === null).length })
  expect(summary?.sockets).toBeUndefined()
}, 60_000)

it('vectra record --sockets 2 says in its summary what each socket missed', async () => {
  using dir = scratch()
  await using world = await feed()
  const recorder = startCli(['record', '--url', world.simulator.url, '--sockets', '2', '--data-dir', dir.path])
  await recorder.seen(/"msg":"connect"/)
  await kick(world.simulator, world.said, 2, 2)
  recorder.child.kill('SIGINT')
  const { code, stdout } = await recorder.done
  expect(code).toBe(0)
  const { gaps, sessions } = JSON.parse(stdout)
  expect({ gaps, sessions }).toMatchObject({
    gaps: 0,
    sessions: [{ source: 'public_ws', gaps: 0, closes: true, sockets: [{ connected: expect.any(Boolean) }, {}] }],
  })
  const [first, second] = sessions[0].sockets
  expect(first.lost + second.lost).toBeGreaterThanOrEqual(2)
  expect(first.received).toBe(first.first + first.duplicates)
}, 60_000)
