import { openQuery } from '@vectra/event-store'
import { startSimulator } from '@vectra/simulator'
import { expect } from 'vitest'
import { startCli } from './run-cli.ts'

/** A stored takeover, with the gaps of the session that took over. */
export interface StoredTakeover {
  readonly session: string
  readonly from_session: string
  readonly previous_end: string | null
  readonly duplicates: number | null
  readonly gaps: readonly { readonly cause: string; readonly from: number; readonly to: number; readonly previous_end?: string }[]
}

/** Takeovers of a store, oldest first. */
export async function takeovers(dir: string): Promise<StoredTakeover[]> {
  await using query = await openQuery({ dir })
  const found: { session: string; event: string; payload: object }[] = []
  for await (const { raw_json, session_id: session, event_name: event } of query.events({ events: ['takeover', 'gap'] }))
    found.push({ session, event, payload: JSON.parse(raw_json ?? '') as object })
  return found
    .filter(({ event }) => event === 'takeover')
    .map(({ session, payload }) => ({
      ...(payload as Omit<StoredTakeover, 'session' | 'gaps'>),
      session,
      gaps: found
        .filter((other) => other.event === 'gap' && other.session === session)
        .map((other) => other.payload as StoredTakeover['gaps'][number]),
    }))
}

/**
 * One recorder after the other takes a simulated feed over. Checks that the union of what they stored has every tick of every
 * game that lay inside, and every frame of the broadcast; and that what two of them stored is what the takeovers counted.
 */
export async function takeoverRun(dir: string, { times, speed }: { times: number; speed: number }): Promise<void> {
  await using simulator = await startSimulator({ seed: 'takeover', speed, waitForClient: true })
  const args = ['record', '--url', simulator.url, '--data-dir', dir, '--ops-port', '0']
  let running = startCli(args)
  await running.seen(/"msg":"connect"/)
  const ended: Promise<{ code: number | null; stderr: string }>[] = []
  for (let run = 0; run < times; run += 1) {
    const next = startCli([...args, '--takeover'])
    await next.seen(/takeover: the other recorder has ended/)
    ended.push(running.done)
    running = next
  }
  const last = simulator.control.games().length
  await simulator.control.waitFor((state) => simulator.control.games().length > last && state.phase === 'active')
  running.child.kill('SIGTERM')
  ended.push(running.done)
  for (const { code, stderr } of await Promise.all(ended)) expect(code, stderr).toBe(0)

  await using query = await openQuery({ dir, maxRows: 2_000_000 })
  const notes = await takeovers(dir)
  expect(notes).toHaveLength(times)
  for (const note of notes) expect(note, JSON.stringify(note)).toMatchObject({ previous_end: 'stopped', gaps: [] })
  for (const { duplicates } of notes) expect(duplicates).toBeGreaterThan(0)

  // Every tick of every game that began and ended while somebody recorded. The second rug frame has a number that is too high.
  const { rows } = await query.sql(
    `SELECT game_id, count(DISTINCT tick) FILTER (active AND NOT rugged), max(tick) FILTER (active AND NOT rugged),
            bool_or(NOT active AND NOT rugged) AND bool_or(rugged)
     FROM game_tick GROUP BY 1`,
  )
  // The last price is the rug's.
  const ticksOf = new Map(simulator.control.games().map(({ gameId, prices }) => [gameId, prices.length - 1]))
  const whole = rows.filter(([, , , sawBothEnds]) => sawBothEnds === true)
  expect(whole.length).toBeGreaterThan(1)
  for (const [game, ticks, highest] of whole) {
    expect(Number(ticks), `ticks of ${String(game)} up to ${String(highest)}`).toBe(ticksOf.get(String(game)))
  }

  // Frames that several sessions hold are those that the takeovers counted.
  const { rows: copies } = await query.sql(
    `SELECT coalesce(sum(least(a.n, b.n)), 0) FROM
       (SELECT session_id, packet || raw_json AS frame, count(*) AS n FROM ws_event WHERE direction = 'received' AND packet LIKE '42%' GROUP BY 1, 2) a
       JOIN (SELECT session_id, packet || raw_json AS frame, count(*) AS n FROM ws_event WHERE direction = 'received' AND packet LIKE '42%' GROUP BY 1, 2) b
       ON a.frame = b.frame AND a.session_id < b.session_id`,
  )
  expect(Number(copies[0]?.[0])).toBe(notes.reduce((sum, { duplicates }) => sum + (duplicates ?? 0), 0))
}
