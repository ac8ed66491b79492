import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { DocType, Micros } from '@vectra/schemas'
import { COLUMNS, type ColumnName } from '../../src/columns.ts'
import type { FileSource, PartRef } from '../../src/query/file-source.ts'

/** A row to write: column values (decimals as text), `ts` in microseconds; what is left out is null, or the default below. */
export type TestRow = Partial<Record<ColumnName, string | number | boolean | null>> & { doc_type?: DocType; ts: Micros }

export const SESSION = '019b1b2c-0000-7000-8000-0000000000a1'
export const GAME = '20251212-6114b2ff44ef4b71'
/** 2025-12-12T10:00:00Z. */
export const T0 = Date.UTC(2025, 11, 12, 10) * 1000

const DEFAULTS = { source: 'public_ws', session_id: SESSION, direction: 'received', event_name: 'gameStateUpdate' }

/** A temporary data directory with part files of the physical schema, and the list of them as a {@link FileSource}. */
export interface Fixture extends AsyncDisposable {
  readonly dir: string
  readonly source: FileSource & { files: PartRef[]; bump(): void; readonly open: number }
  /** Writes one part per doc_type and date among the rows; returns them. */
  write(rows: readonly TestRow[]): Promise<PartRef[]>
}

function literalOf(value: string | number | boolean | null | undefined, type: string): string {
  if (value === null || value === undefined) return `NULL::${type}`
  if (type === 'TIMESTAMP') return `make_timestamp(${value}::BIGINT)`
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'::${type}` : `${value}::${type}`
}

let writer: Promise<DuckDBConnection> | undefined

export async function fixture(prefix = 'vectra-query-test-'): Promise<Fixture> {
  const dir = mkdtempSync(path.join(os.tmpdir(), prefix))
  writer ??= DuckDBInstance.create(':memory:', { threads: '2' }).then((instance) => instance.connect())
  const connection = await writer
  let generation = 1
  let parts = 0
  let open = 0
  const source = {
    files: [] as PartRef[],
    bump: () => void generation++,
    generation: () => generation,
    snapshot() {
      open++
      let released = false
      return {
        generation,
        files: [...source.files],
        [Symbol.dispose]: () => {
          if (!released) open--
          released = true
        },
      }
    },
    close: () => undefined,
    get open() {
      return open
    },
  }
  return {
    dir,
    source,
    async write(rows) {
      const groups = Map.groupBy(
        rows,
        (row) => `${row.doc_type ?? 'ws_event'}/${new Date(row.ts / 1000).toISOString().slice(0, 10)}`,
      )
      const written: PartRef[] = []
      for (const [key, group] of groups) {
        const [docType = '', date = ''] = key.split('/')
        const folder = path.join(dir, 'events_parquet', `doc_type=${docType}`, `date=${date}`)
        mkdirSync(folder, { recursive: true })
        const file = path.join(folder, `part-000000a1-${String(++parts).padStart(8, '0')}.parquet`)
        const values = group.map((row) => {
          const cells: TestRow = { ...DEFAULTS, ...row }
          return `(${Object.entries(COLUMNS)
            .map(([name, type]) => literalOf(cells[name as ColumnName], type))
            .join(', ')})`
        })
        await connection.run(
          `COPY (SELECT * FROM (VALUES ${values.join(', ')}) AS t(${Object.keys(COLUMNS).join(', ')})) TO '${file.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`,
        )
        const times = group.map((row) => row.ts)
        written.push({
          absolutePath: file,
          docType: docType as DocType,
          date,
          rows: group.length,
          tsMin: Math.min(...times),
          tsMax: Math.max(...times),
        })
      }
      source.files.push(...written)
      generation++
      return written
    },
    async [Symbol.asyncDispose]() {
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** A frame's rows: the canonical one, and its `game_tick` projection. */
export function stateFrame(row: Omit<TestRow, 'doc_type'>, payload: Record<string, unknown> = {}): TestRow[] {
  const columns = { game_id: GAME, active: true, rugged: false, phase: 'active', ...row }
  return [
    { ...columns, doc_type: 'ws_event', packet: '42', payload_index: 1, raw_json: JSON.stringify(['gameStateUpdate', payload]) },
    { ...columns, doc_type: 'game_tick' },
  ]
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}
