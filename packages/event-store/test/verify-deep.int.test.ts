import parquet from '@dsnp/parquetjs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { compactStore, openEventStore, verifyStore } from '../src/index.ts'
import { firstDifference, type TextRow } from '../src/integrity/second-reader.ts'
import { COLUMN_NAMES } from '../src/narrow-columns.ts'
import { storeDay } from './compaction/day.ts'
import { frameEvent, sessionId, systemEvent, tickEvent } from './sample-events.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const row = (values: Readonly<Record<string, string>>): TextRow => COLUMN_NAMES.map((name) => values[name] ?? null)

async function* rowsOf(...rows: TextRow[]): AsyncGenerator<TextRow, void, undefined> {
  yield* rows
}

const compare = (first: TextRow[], second: TextRow[]): Promise<string | undefined> =>
  firstDifference({ name: 'one', rows: rowsOf(...first) }, { name: 'two', rows: rowsOf(...second) })

/** Values at which readers differ: negative and long decimals, microseconds, text beyond ASCII, nothing at all. */
async function store(dir: string, encoder: 'duckdb' | 'parquetjs'): Promise<void> {
  await using opened = await openEventStore({ dir, encoder })
  await opened.openSession({ sessionId: sessionId(), source: 'replay', origin: 'ä"\u{1F680}' })
  await opened.append([
    tickEvent(1, { _ts: Date.UTC(2025, 11, 12) * 1000 + 123_457 }),
    frameEvent(2, 'buyOrder', '{"amount":999999999.123456789}', { direction: 'sent' }),
    frameEvent(
      3,
      'playerUpdate',
      '{"cash":12345678.987654321,"positionQty":0.000000001,"avgCost":1.00000000000000000001,"cumulativePnL":-0.29,"totalInvested":0}',
    ),
    systemEvent(4, 'gap', { cause: 'stale' }),
    ...Array.from({ length: 40 }, (_, index) => tickEvent(5 + index)),
  ])
  await opened.endSession(sessionId())
}

afterEach(() => void vi.restoreAllMocks())

describe('verify --deep: both readers, value by value', { timeout: 60_000 }, () => {
  it.each(['duckdb', 'parquetjs'] as const)('P7: agree about what %s wrote', async (encoder) => {
    using dir = temporaryDirectory()
    await store(dir.path, encoder)
    expect((await verifyStore({ dir: dir.path, reader: 'parquetjs', deep: true })).findings).toEqual([])
  })

  it('P7: agree about a merged part', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 4)
    await compactStore({ dir: dir.path })
    expect((await verifyStore({ dir: dir.path, deep: true })).findings).toEqual([])
  })

  it('P7: a value that one of them reads differently is a finding that names row and column', async () => {
    using dir = temporaryDirectory()
    await store(dir.path, 'duckdb')
    const open = parquet.ParquetReader.openFile.bind(parquet.ParquetReader)
    vi.spyOn(parquet.ParquetReader, 'openFile').mockImplementation(async (...args) => {
      const reader = await open(...args)
      const getCursor = reader.getCursor.bind(reader)
      reader.getCursor = (...columns: Parameters<typeof getCursor>) => {
        const cursor = getCursor(...columns)
        const next = cursor.next.bind(cursor)
        cursor.next = async () => {
          const found = (await next()) as Record<string, unknown> | null
          if (found?.['tick'] === 7) found['tick'] = 8
          return found
        }
        return cursor
      }
      return reader
    })
    const { findings } = await verifyStore({ dir: dir.path, deep: true })
    expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(['part_rows']))
    expect(findings[0]?.message).toMatch(/^row \d+, tick: DuckDB reads "7", parquetjs "8"$/)
    expect((await verifyStore({ dir: dir.path })).findings).toEqual([])
  })
})

describe('the first difference of two readers', () => {
  const [a, b] = [row({ seq: '1', price: '1.5' }), row({ seq: '2' })]
  it.each<[string, TextRow[], TextRow[], string | undefined]>([
    ['none', [a, b], [a, b], undefined],
    ['none of nothing', [], [], undefined],
    ['a value', [a, b], [a, row({ seq: '3' })], 'row 2, seq: one reads "2", two "3"'],
    ['nothing instead of a value', [a], [row({ seq: '1' })], 'row 1, price: one reads "1.5", two nothing'],
    ['fewer rows', [a, b], [a], 'two reads 1 rows, one more'],
    ['more rows', [a], [a, b], 'one reads 1 rows, two more'],
  ])('%s', async (_name, first, second, expected) => {
    expect(await compare(first, second)).toBe(expected)
  })
})
