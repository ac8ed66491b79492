import { DuckDBInstance } from '@duckdb/node-api'
import { duckdbEncoder } from '../../src/encoders/duckdb.ts'
import { openEventStore } from '../../src/index.ts'
import { frameEvent, START, sessionId, systemEvent, ticks } from '../sample-events.ts'

/** Stores `parts` segments of `each` ticks, and in each a buy order and a gap, as one session. */
export async function storeDay(dir: string, parts: number, each = 10, session = 1, startTs = START): Promise<string> {
  const id = sessionId(session)
  await using store = await openEventStore({
    dir,
    encoder: duckdbEncoder(),
    flush: { maxEvents: 1_000_000, intervalMs: 3_600_000 },
  })
  const { lastSeq } = await store.openSession({ sessionId: id, source: 'replay', meta: { session } })
  let seq = lastSeq
  for (let part = 0; part < parts; part++) {
    const at = { _session_id: id, _ts: startTs + seq * 1000, _game_id: `20251212-${String(part % 3).padStart(16, '0')}` }
    await store.append([
      ...ticks(each, seq + 1, at),
      frameEvent(seq + each + 1, 'buyOrder', `{"amount":0.00${part + 1}}`, { direction: 'sent', ...at }),
      systemEvent(seq + each + 2, 'gap', { cause: 'stale', part }, at),
    ])
    await store.flush()
    seq += each + 2
  }
  await store.endSession(id, { framesIn: seq })
  return id
}

/** What every reader must get whatever is merged: count, sum of seqs and a hash over all rows, by doc_type. */
export const ANSWER = `SELECT doc_type, count(*), sum(seq), sum(hash(ts, seq, session_id, game_id, event_name, price, amount, packet, raw_json)::HUGEINT)::VARCHAR FROM `

/** The answer of plain DuckDB over a glob: what anybody sees who knows nothing of the catalog. */
export async function globAnswer(dir: string): Promise<unknown> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  try {
    return (
      await connection.runAndReadAll(`${ANSWER} '${dir}/events_parquet/**/*.parquet' GROUP BY doc_type ORDER BY doc_type`)
    ).getRowsJson()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
