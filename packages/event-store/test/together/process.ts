import { readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { compactStore, EventStoreError, openEventStore, openQuery, verifyStore } from '../../src/index.ts'
import { ticks } from '../sample-events.ts'

/**
 * One of the processes that share a directory: `recorder`, `comer`, `reader`, `fresh-reader`, `indexer`, `compactor` or `verifier`. Works until its input
 * ends, then prints what it did as JSON; a wrong answer ends it with exit code 1.
 *
 * Arguments: role, data directory, session id, file with the last acknowledged seq.
 */
const [role = '', dir = '', sessionId = '', ackFile = ''] = process.argv.slice(2)

const stop = new AbortController()
process.stdin.on('end', () => stop.abort()).resume()

/** Asked to stop, and at least so much was done: a slow machine takes longer, and tests the same. */
const isOver = (done: number, least: number): boolean => stop.signal.aborted && done >= least

/** Last seq that was acknowledged before now. */
function acked(): number {
  return Number(readFileSync(ackFile, 'utf8'))
}

function wrong(what: unknown): never {
  writeSync(
    2,
    `${role}: ${JSON.stringify(what, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}\n`,
  )
  process.exit(1)
}

async function record(): Promise<object> {
  await using store = await openEventStore({ dir, flush: { maxEvents: 40, intervalMs: 150 } })
  const { lastSeq } = await store.openSession({ sessionId, source: 'replay' })
  let seq = lastSeq
  while (!stop.signal.aborted) {
    await store.append(ticks(10, seq + 1, { _session_id: sessionId }))
    seq += 10
    // Whole or not at all: readers take it for true.
    writeFileSync(`${ackFile}.next`, String(seq))
    renameSync(`${ackFile}.next`, ackFile)
    await delay(4)
  }
  return { seq }
}

async function read(fresh: boolean): Promise<object> {
  await using query = await openQuery({ dir, fresh, threads: 1, concurrency: 1 })
  let looks = 0
  let last = 0
  while (!isOver(Math.min(looks, last), 5)) {
    const before = acked()
    const { rows, completeness } = await query.sql(
      'SELECT count(*)::INTEGER, coalesce(sum(seq), 0)::BIGINT, count(DISTINCT seq)::INTEGER, coalesce(max(seq), 0)::INTEGER FROM ws_event WHERE session_id = $1',
      { params: [sessionId] },
    )
    const [count, sum, distinct, max] = rows[0] as [number, bigint, number, number]
    const hole = count !== max || distinct !== count || Number(sum) !== (count * (count + 1)) / 2
    const late = fresh && count < before
    const badFile = completeness.reasons.some(({ code }) => code === 'bad_file')
    if (hole || late || count < last || badFile) wrong({ before, last, rows, completeness })
    last = count
    looks++
  }
  return { looks, rows: last }
}

/** Follows as the indexer does: a cursor, and what lies behind it. */
async function index(): Promise<object> {
  await using query = await openQuery({ dir, fresh: true, threads: 1, concurrency: 1 })
  let seq = 0
  let looks = 0
  let generation = -1
  while (!isOver(Math.min(looks, seq), 5)) {
    const now = query.generation()
    if (now === generation) {
      await delay(5)
      continue
    }
    generation = now
    for await (const row of query.eventsAfter({ [sessionId]: seq }, { sessionId })) {
      if (row.seq !== seq + 1) wrong({ after: seq, got: row.seq })
      seq = row.seq
    }
    looks++
  }
  return { looks, rows: seq }
}

async function compact(): Promise<object> {
  let merges = 0
  let busy = 0
  while (!isOver(merges, 1)) {
    try {
      const report = await compactStore({ dir, waitMs: 50 })
      if (report.failures.length > 0) wrong(report.failures)
      merges += report.merges.length
    } catch (error) {
      if (!(error instanceof EventStoreError && error.code === 'STORE_BUSY')) throw error
      busy++
    }
    await delay(100)
  }
  return { merges, busy }
}

/** Recorders that come and go: each recovers what it finds, records a little in a session of its own, and ends. */
async function comeAndGo(): Promise<object> {
  let sessions = 0
  while (!isOver(sessions, 2)) {
    const id = `${sessionId.slice(0, -8)}${(0x10_00_00_00 + ++sessions).toString(16)}`
    await using store = await openEventStore({ dir })
    await store.openSession({ sessionId: id, source: 'replay' })
    await store.append(ticks(5, 1, { _session_id: id }))
    await store.endSession(id, { stored: 5 })
  }
  return { sessions }
}

/** Checks every byte while all others work: nothing of what they do is a finding. */
async function verify(): Promise<object> {
  let runs = 0
  while (!isOver(runs, 2)) {
    const { findings } = await verifyStore({ dir })
    if (findings.length > 0) wrong(findings)
    runs++
  }
  return { runs }
}

const roles: Readonly<Record<string, () => Promise<object>>> = {
  recorder: record,
  reader: () => read(false),
  'fresh-reader': () => read(true),
  indexer: index,
  compactor: compact,
  comer: comeAndGo,
  verifier: verify,
}
writeSync(1, `${JSON.stringify(await roles[role]?.())}\n`)
