import { stat } from 'node:fs/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { describe, expect, it } from 'vitest'
import { duckdbEncoder } from '../../src/encoders/duckdb.ts'
import { decimalBytes, parquetjsEncoder } from '../../src/encoders/parquetjs.ts'
import { systemEnv } from '../../src/env.ts'
import { encoderSuite, HARD_ROWS } from './conformance.ts'
import { footer, unscaled } from './readers.ts'
import { encodeRows, row } from './segment-fixture.ts'

encoderSuite('duckdb', () => duckdbEncoder())
encoderSuite('parquetjs', () => parquetjsEncoder(systemEnv().fs))

/** Faults of @dsnp/parquetjs as found by measurement: our file is right in spite of each. */
describe('parquetjs: verified faults of the library do not reach our files', () => {
  const encoder = parquetjsEncoder(systemEnv().fs)

  it('DECIMAL through a number is floored (0.29 becomes 0.28): bytes of our own are exact', () => {
    const value = (text: string, scale: number): string =>
      unscaled(BigInt.asIntN(128, BigInt(`0x${decimalBytes(text, scale).toString('hex')}`)), scale)
    for (const text of ['0.29', '1.15', '19.99', '-0.000000001', '999999999.999999999', '-5', '0']) {
      expect(value(text, 9)).toBe(`${text.includes('.') ? text : `${text}.`}${'0'.repeat(9 - (text.split('.')[1]?.length ?? 0))}`)
    }
  })

  it('DECIMAL statistics are unsigned (min 3, max -5): there are none, and a filter finds the negative row', async () => {
    await using made = await encodeRows(encoder, [row(1, { pnl: '-5', price: '3' }), row(2, { pnl: '3', price: '-5' })])
    const file = made.parts[0]?.file ?? ''
    const columns = (await footer(file)).row_groups[0]?.columns ?? []
    for (const column of columns.filter((entry) =>
      ['price', 'pnl', 'amount'].includes(entry.meta_data?.path_in_schema[0] ?? ''),
    )) {
      expect(column.meta_data?.statistics).toBeUndefined()
    }
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    expect(
      (
        await connection.runAndReadAll(`SELECT seq FROM read_parquet('${file}') WHERE pnl < 0 OR price < -4 ORDER BY seq`)
      ).getRows(),
    ).toEqual([[1n], [2n]])
    connection.closeSync()
    instance.closeSync()
  })

  it('page index (wrong null_pages) and bloom filters (without length): neither is written', async () => {
    await using made = await encodeRows(
      encoder,
      Array.from({ length: 100 }, (_, index) => row(index + 1, index < 50 ? {} : { tick: index })),
    )
    for (const group of (await footer(made.parts[0]?.file ?? '')).row_groups) {
      for (const column of group.columns) {
        expect(column.column_index_offset).toBeUndefined()
        expect(column.offset_index_offset).toBeUndefined()
        expect(column.meta_data?.bloom_filter_offset).toBeUndefined()
      }
    }
  })

  it('statistics of long text stand uncut three times in the file: payload columns have none', async () => {
    const rows = Array.from({ length: 100 }, (_, index) => row(index + 1, { raw_json: `["x","${'a'.repeat(15_000)}${index}"]` }))
    await using made = await encodeRows(encoder, rows)
    const file = made.parts[0]?.file ?? ''
    expect((await stat(file)).size).toBeLessThan(60_000)
    expect((await footer(file)).metadata_length).toBeLessThan(20_000)
  })
})

describe('files of both encoders together', () => {
  it('the plain query over all parts runs without options', async () => {
    const duckdb = duckdbEncoder()
    await using one = await encodeRows(duckdb, HARD_ROWS)
    await using two = await encodeRows(parquetjsEncoder(systemEnv().fs), HARD_ROWS)
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    for (const order of [
      [one, two],
      [two, one],
    ]) {
      const globs = order.map((made) => `'${made.dir}/events_parquet/**/*.parquet'`).join(', ')
      const reader = await connection.runAndReadAll(
        `SELECT doc_type, count(*) FROM read_parquet([${globs}]) GROUP BY doc_type ORDER BY doc_type`,
      )
      expect(reader.getRows()).toEqual([
        ['game_tick', 4n],
        ['player_action', 2n],
        ['server_state', 2n],
        ['system_event', 2n],
        ['ws_event', 28n],
      ])
      const types = await connection.runAndReadAll(
        `SELECT DISTINCT typeof(ts), typeof(price), typeof(amount) FROM read_parquet([${globs}])`,
      )
      expect(types.getRows()).toEqual([['TIMESTAMP', 'DECIMAL(38,20)', 'DECIMAL(18,9)']])
    }
    connection.closeSync()
    instance.closeSync()
    await duckdb.close()
  })
})
