import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { COLUMNS } from '../../src/columns.ts'
import { duckdbMerger } from '../../src/compaction/duckdb-merger.ts'
import type { MergeInput, RowDigest } from '../../src/compaction/merger.ts'
import { systemEnv } from '../../src/env.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

interface Row {
  readonly game: string | null
  readonly session: string
  readonly seq: number
  readonly raw: string
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Games that sort differently by UTF-16 and by bytes, quotes, the empty text, and none at all. */
const game = fc.constantFrom(null, '', 'a', "o'clock", '20251212-ff', '20251212-0a', '\u{1f3b2}', '\uffee', 'Z')
const rows = fc.uniqueArray(
  fc.record({
    game,
    session: fc.constantFrom('s1', 's2', "s'3"),
    seq: fc.integer({ min: 1, max: 6_000 }),
    raw: fc.string({ maxLength: 40 }),
  }),
  { selector: (row) => `${row.session}|${row.seq}`, minLength: 1, maxLength: 60 },
)

async function withDuckdb<T>(work: (sql: (text: string) => Promise<unknown[][]>) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  try {
    return await work(async (text) => (await connection.runAndReadAll(text)).getRowsJson() as unknown[][])
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** Writes the rows as part files of the physical schema, so many rows in each. */
async function write(dir: string, all: readonly Row[], perFile: number): Promise<MergeInput[]> {
  return withDuckdb(async (sql) => {
    const inputs: MergeInput[] = []
    for (let at = 0; at < all.length; at += perFile) {
      const some = all.slice(at, at + perFile)
      const values = some.map((row) => {
        const given: Readonly<Record<string, string>> = {
          ts: `make_timestamp(${row.seq})`,
          seq: String(row.seq),
          session_id: quote(row.session),
          game_id: row.game === null ? 'NULL' : quote(row.game),
          raw_json: quote(row.raw),
          packet: "'42'",
        }
        const columns = Object.entries(COLUMNS).map(([name, type]) => `(${given[name] ?? 'NULL'})::${type} AS ${name}`)
        return `SELECT ${columns.join(', ')}`
      })
      const file = path.join(dir, `in-${at}.parquet`)
      await sql(`COPY (${values.join(' UNION ALL ')}) TO ${quote(file)} (FORMAT parquet)`)
      inputs.push({ path: file, rows: some.length, bytes: 1_000 })
    }
    return inputs
  })
}

/** Part files of 500 rows each, whose texts hardly compress. */
async function wide(dir: string, width: number, files: number): Promise<MergeInput[]> {
  return withDuckdb(async (sql) => {
    const inputs: MergeInput[] = []
    for (let at = 0; at < files; at += 1) {
      const seq = `${at * 500} + range + 1`
      const given: Readonly<Record<string, string>> = {
        ts: `make_timestamp(${seq})`,
        seq,
        session_id: "'s1'",
        game_id: quote(`game-${Math.floor(at / 7)}`),
        raw_json: `(SELECT string_agg(md5((${at * 500} + line.range)::VARCHAR || piece.range), '') FROM range(${width / 32}) piece)`,
        packet: "'42'",
      }
      const columns = Object.entries(COLUMNS).map(([name, type]) => `(${given[name] ?? 'NULL'})::${type} AS ${name}`)
      const file = path.join(dir, `wide-${String(at).padStart(2, '0')}.parquet`)
      await sql(`COPY (SELECT ${columns.join(', ')} FROM range(500) line) TO ${quote(file)} (FORMAT parquet, COMPRESSION zstd)`)
      inputs.push({ path: file, rows: 500, bytes: statSync(file).size })
    }
    return inputs
  })
}

describe('merging through runs and buckets', () => {
  test('P6: whatever the bounds, every row comes out once, in order, and the digest of what was read is that of what was written', async () => {
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.integer({ min: 1, max: 20 }),
        fc.record({
          sortBytes: fc.constantFrom(1, 700, 3_000, 1e6),
          runRows: fc.constantFrom(1, 5, 25, 1_000),
          runFileBytes: fc.constantFrom(1, 3_000, 1e9),
          runFiles: fc.constantFrom(1, 2, 256),
          groupBytes: fc.constantFrom(1, 1e9),
        }),
        async (all, perFile, bounds) => {
          using dir = temporaryDirectory()
          const inputs = await write(dir.path, all, perFile)
          const { fs } = systemEnv()
          const scratch = path.join(dir.path, 'scratch')
          const merger = duckdbMerger({ memoryLimit: '256MB', threads: 1, tempDir: scratch, fs, bounds })
          const target = path.join(dir.path, 'out.tmp')
          let told: RowDigest | undefined
          try {
            const read = await merger.merge(inputs, target, (digest) => {
              told = digest
              return { 'vectra.content_hash': digest.contentHash }
            })
            expect(told).toEqual(read)
            expect(read.rows).toBe(all.length)
            expect(await merger.digest([target])).toEqual(read)
            expect(await merger.digest(inputs.map((one) => one.path))).toEqual(read)
            expect(fs.readdir(scratch)).toEqual([])
          } finally {
            await merger.close()
          }
          await withDuckdb(async (sql) => {
            const stored = `read_parquet(${quote(target)}, file_row_number = true)`
            const found = await sql(`SELECT game_id, session_id, seq, raw_json FROM ${stored} ORDER BY file_row_number`)
            const sorted = await sql(
              `SELECT game_id, session_id, seq, raw_json FROM ${stored} ORDER BY game_id NULLS FIRST, session_id, seq`,
            )
            expect(found).toEqual(sorted)
            const keys = new Set(found.map(([gameId, session, seq, raw]) => JSON.stringify([gameId, session, Number(seq), raw])))
            expect(keys).toEqual(new Set(all.map((row) => JSON.stringify([row.game, row.session, row.seq, row.raw]))))
          })
        },
      ),
      { numRuns: 25 },
    )
  })

  test('P6: a filter keeps the rows of its games, and nothing is written when there are none', async () => {
    using dir = temporaryDirectory()
    const all: Row[] = Array.from({ length: 40 }, (_, index) => ({
      game: index % 4 === 0 ? null : `game-${index % 4}`,
      session: 's1',
      seq: index + 1,
      raw: `["x",${index}]`,
    }))
    const inputs = await write(dir.path, all, 7)
    const { fs } = systemEnv()
    const bounds = { sortBytes: 800, runRows: 10, runFileBytes: 1e9, runFiles: 2, groupBytes: 1e9 }
    const merger = duckdbMerger({ memoryLimit: '256MB', threads: 1, tempDir: path.join(dir.path, 'scratch'), fs, bounds })
    try {
      const target = path.join(dir.path, 'out.tmp')
      const kept = await merger.merge(inputs, target, () => ({ 'vectra.test': 'yes' }), { games: ['game-2', 'nowhere'] })
      expect(kept.rows).toBe(10)
      expect(await merger.digest([target])).toEqual(kept)
      const none = path.join(dir.path, 'none.tmp')
      expect((await merger.merge(inputs, none, () => ({}), { games: [] })).rows).toBe(0)
      expect(fs.stat(none)).toBeUndefined()
      const dropped = await merger.droppedSpans(
        inputs.map((one) => one.path),
        { games: ['game-1', 'game-2', 'game-3'] },
      )
      expect(dropped).toEqual([1, 5, 9, 13, 17, 21, 25, 29, 33, 37].map((seq) => ({ sessionId: 's1', from: seq, to: seq })))
    } finally {
      await merger.close()
    }
  })

  test.runIf(process.platform === 'linux')(
    'rows of 60 MB are merged in far less, and wide ones in little more',
    async () => {
      for (const { width, files, most } of [
        { width: 3_200, files: 40, most: 130e6 },
        { width: 12_800, files: 10, most: 200e6 },
      ]) {
        using dir = temporaryDirectory()
        const inputs = await wide(dir.path, width, files)
        const target = path.join(dir.path, 'out.tmp')
        const { stdout } = await promisify(execFile)(process.execPath, [
          ...['--conditions=@vectra/source', '--disable-warning=ExperimentalWarning'],
          ...[fileURLToPath(new URL('merge-memory.ts', import.meta.url)), path.join(dir.path, 'scratch'), target],
          JSON.stringify(inputs),
        ])
        const { rows, grown }: { rows: number; grown: number } = JSON.parse(stdout)
        expect(rows).toBe(files * 500)
        expect(grown, `rows of ${width} bytes`).toBeLessThan(most)
      }
    },
    60_000,
  )
})
