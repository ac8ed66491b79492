import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { duckdbEncoder } from '../../../src/encoders/duckdb.ts'
import { openEventStore, openQuery, type QueryEngine, storePaths } from '../../../src/index.ts'
import { frameEvent, sessionId, systemEvent, ticks } from '../../sample-events.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'
import { collect } from '../fixture.ts'

const ID = sessionId()
const GAME = '20251212-6114b2ff44ef4b71'
const NEVER = { maxEvents: 1_000_000, intervalMs: 3_600_000 } as const
const EVERYTHING = `SELECT doc_type, count(*), sum(seq), bit_xor(hash(COLUMNS(* EXCLUDE (doc_type, seq)))) FROM events GROUP BY doc_type ORDER BY doc_type`

const record = (dir: string) => openEventStore({ dir, encoder: duckdbEncoder(), flush: NEVER })

/** Frames of every kind of row: projections, money, a trace, quotes and control characters, a gap, two dates. */
function mixed(): Parameters<Awaited<ReturnType<typeof record>>['append']>[0] {
  return [
    ...ticks(3),
    frameEvent(4, 'buyOrder', '{"amount":0.001000001}', { direction: 'sent' }),
    frameEvent(
      5,
      'standard/newTrade',
      '{"id":"a","type":"buy","amount":0.1,"qty":0.123456789,"price":1.10,"tickIndex":3,"playerId":"p"}',
    ),
    frameEvent(6, 'newChatMessage', String.raw`{"text":"\"q\" \u0001 \\ \n é 𝄞 ','"}`),
    frameEvent(7, 'playerUpdate', '[{"traceId":"t"}],{"id":"did:p","cash":12.000000001}'),
    systemEvent(8, 'gap', { cause: 'stale' }),
    ...ticks(2, 9, { _ts: Date.UTC(2025, 11, 13) * 1000 }),
  ]
}

const answer = async (query: QueryEngine, sql = EVERYTHING, fresh?: boolean) =>
  (await query.sql(sql, fresh === undefined ? {} : { fresh })).rows.map((row) => row.map(String))

describe('rows that are only in the journal', () => {
  it('P5: are seen by a fresh query, column for column as their parts will have them', async () => {
    using dir = temporaryDirectory()
    await using store = await record(dir.path)
    await store.openSession({ sessionId: ID, source: 'replay' })
    await using fresh = await openQuery({ dir: dir.path, fresh: true })
    await using plain = await openQuery({ dir: dir.path })
    expect(await answer(fresh)).toEqual([])
    const before = fresh.generation()
    await store.append(mixed())
    expect(fresh.generation()).toBeGreaterThan(before)
    const hot = await answer(fresh)
    expect(hot.map(([docType, count]) => `${docType} ${count}`)).toEqual([
      'game_tick 5',
      'player_action 1',
      'server_state 1',
      'system_event 1',
      'ws_event 9',
    ])
    expect(await answer(plain)).toEqual([])
    await store.flush()
    expect(await answer(plain)).toEqual(hot)
    expect(await answer(fresh)).toEqual(hot)
  })

  it('P5: are seen by every typed read, beside what is in parts', async () => {
    using dir = temporaryDirectory()
    await using store = await record(dir.path)
    await store.openSession({ sessionId: ID, source: 'replay' })
    await store.append(ticks(5))
    await store.flush()
    await store.append(ticks(5, 6))
    await using query = await store.query()
    const numbers = Array.from({ length: 10 }, (_, index) => index + 1)
    expect((await collect(query.ticks({ gameId: GAME }))).map(({ tick }) => tick)).toEqual(numbers)
    expect((await collect(query.events())).map(({ seq }) => seq)).toEqual(numbers)
    expect((await collect(query.eventsOfGame(GAME, { order: 'desc' }))).map(({ seq }) => seq)).toEqual(numbers.toReversed())
    expect(await query.cursor()).toEqual({ [ID]: 10 })
    expect((await collect(query.eventsAfter({ [ID]: 7 }))).map(({ seq }) => seq)).toEqual([8, 9, 10])
    expect(await collect(query.sessions())).toMatchObject([{ events: 10, missing: 0 }])
    expect(await collect(query.games())).toMatchObject([{ gameId: GAME, lastTick: 10 }])
    expect((await collect(query.stream('SELECT count(*) AS n FROM ws_event')))[0]).toEqual({ n: 10n })
    // One call may ask for less, or another engine's call for more.
    expect(await answer(query, 'SELECT count(*) FROM ws_event', false)).toEqual([['5']])
    using out = temporaryDirectory()
    const written = await query.toParquet('SELECT seq FROM ws_event', path.join(out.path, 'out.parquet'))
    expect(written.rows).toBe(10)
  })

  it('P5: alternate with plain queries, many at once, and no one gets the other’s rows', async () => {
    using dir = temporaryDirectory()
    await using store = await record(dir.path)
    await store.openSession({ sessionId: ID, source: 'replay' })
    await store.append(ticks(5))
    await store.flush()
    await store.append(ticks(5, 6))
    await using query = await openQuery({ dir: dir.path })
    const asked = Array.from({ length: 40 }, (_, index) => index % 3 === 0)
    const counts = await Promise.all(asked.map((fresh) => answer(query, 'SELECT count(*) FROM ws_event', fresh)))
    expect(counts.map(([row]) => row?.[0])).toEqual(asked.map((fresh) => (fresh ? '10' : '5')))
  })

  it('P5: count once when they are in parts too: a recorder died before it removed the segment', async () => {
    using dir = temporaryDirectory()
    const { journal } = storePaths(dir.path)
    const directory = path.join(journal, ID)
    using aside = temporaryDirectory()
    const copy = path.join(aside.path, 'copy.ndjson')
    {
      await using store = await record(dir.path)
      await store.openSession({ sessionId: ID, source: 'replay' })
      await store.append(ticks(5))
      const [segment = ''] = readdirSync(directory).filter((name) => name.endsWith('.ndjson'))
      copyFileSync(path.join(directory, segment), copy)
    }
    mkdirSync(directory, { recursive: true })
    copyFileSync(copy, path.join(directory, '00000001.ndjson'))
    await using query = await openQuery({ dir: dir.path, fresh: true })
    expect(await answer(query, 'SELECT count(*), sum(seq) FROM ws_event')).toEqual([['5', '15']])
    // One that no catalog knows, of a recorder that died: seen as well.
    const dead = sessionId(2)
    mkdirSync(path.join(journal, dead), { recursive: true })
    copyFileSync(copy, path.join(journal, dead, '00000001.ndjson'))
    const foreign = await query.sql('SELECT count(*) FROM ws_event')
    expect(foreign.rows).toEqual([[5n]])
    expect(foreign.completeness.reasons).toMatchObject([{ code: 'bad_file', path: `journal/${dead}/00000001.ndjson` }])
  })

  it('P7: of a damaged journal, what is whole is seen and the rest is named', async () => {
    using dir = temporaryDirectory()
    await using store = await record(dir.path)
    await store.openSession({ sessionId: ID, source: 'replay' })
    await store.append(ticks(5))
    const file = path.join(storePaths(dir.path).journal, ID, '00000001.ndjson')
    const bytes = readFileSync(file)
    const at = bytes.indexOf('"seq":3,')
    bytes[at + 6] = 0x34
    writeFileSync(file, bytes)
    await using query = await openQuery({ dir: dir.path, fresh: true })
    const { rows, completeness } = await query.sql('SELECT list(seq ORDER BY seq)::VARCHAR FROM ws_event')
    expect(rows).toEqual([['[1, 2, 4, 5]']])
    expect(completeness).toMatchObject({
      complete: false,
      reasons: [{ code: 'bad_file', path: `journal/${ID}/00000001.ndjson` }],
    })
    // The recorder still writes it: closing repairs it into a declared gap.
  })

  it('a plain query says how many rows it does not see', async () => {
    using dir = temporaryDirectory()
    await using store = await record(dir.path)
    await store.openSession({ sessionId: ID, source: 'replay' })
    await store.append(mixed())
    await using query = await openQuery({ dir: dir.path })
    const { completeness } = await query.sql('SELECT count(*) FROM ws_event')
    expect(completeness.reasons).toEqual([
      {
        code: 'journal_only',
        text: '9 rows of 1 recording are only in the journal yet; ask for fresh rows',
        count: 9,
        sessionId: ID,
      },
    ])
    // Only the doc_types that a statement can read count.
    expect((await query.sql('SELECT count(*) FROM debug_note')).completeness.complete).toBe(true)
    expect((await query.sql('SELECT count(*) FROM ws_event', { fresh: true })).completeness.reasons).toEqual([])
  })

  it('cannot be asked for by the name of their tables', async () => {
    using dir = temporaryDirectory()
    await using store = await record(dir.path)
    await store.openSession({ sessionId: ID, source: 'replay' })
    await store.append(ticks(1))
    await using query = await openQuery({ dir: dir.path, fresh: true })
    await query.sql('SELECT 1 FROM events')
    await expect(query.sql('SELECT * FROM journal.t1')).rejects.toMatchObject({ code: 'QUERY_FORBIDDEN' })
  })
})
