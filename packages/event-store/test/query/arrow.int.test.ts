import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { tableFromIPC, tableToIPC } from 'apache-arrow'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openQuery, type QueryEngine } from '../../src/query/engine.ts'
import { type Fixture, fixture } from './fixture.ts'

let data: Fixture
let query: QueryEngine

beforeAll(async () => {
  data = await fixture()
  query = await openQuery({ dir: data.dir, source: data.source })
})

afterAll(async () => {
  await query.close()
  await data[Symbol.asyncDispose]()
})

const EVERY_TYPE = `SELECT * FROM (VALUES
  (true, 1::TINYINT, -2::SMALLINT, 3, 9007199254740993::BIGINT, 18446744073709551615::UBIGINT, 12345678901234567890123456789012345678::HUGEINT,
   1.5::FLOAT, 0.1::DOUBLE, '0.12345678901234567891'::DECIMAL(38,20), -0.000000001::DECIMAL(18,9), 'é "x"', '{"a": 1.10}'::JSON,
   TIMESTAMP '2025-12-12 22:17:03.000250', TIMESTAMPTZ '2025-12-12 22:17:03.000250+00', DATE '2025-12-12', '\\xAA\\x00'::BLOB, ['a', NULL, 'b'],
   [1.25::DECIMAL(18,9)], {'a': 1}, INTERVAL 1 DAY),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (false, -1, 2, -3, -9007199254740993, 0, -1, -0.5, 'nan', -99999999999999999.99999999999999999999, 999999999.999999999, '', 'null',
   TIMESTAMP '1969-12-31 23:59:59.999999', TIMESTAMPTZ '2262-01-01 00:00:00+00', DATE '1969-12-31', '', [], [], {'a': NULL}, INTERVAL 0 DAY)
) t(bool, i8, i16, i32, i64, u64, huge, f32, f64, price, sol, text, json, ts, tz, day, blob, names, amounts, struct, span)`

/** Value of an Arrow decimal's four words. */
function decimal(words: Uint32Array | null, scale: number): string | null {
  if (words === null) return null
  let value = 0n
  for (const word of [...words].reverse()) value = (value << 32n) | BigInt(word)
  value = BigInt.asIntN(128, value)
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, digits.length - scale)}.${digits.slice(digits.length - scale)}`
}

it('keeps every value, money to the last digit, through the IPC format', async () => {
  const { table, truncated } = await query.toArrow(EVERY_TYPE)
  expect(truncated).toBe(false)
  const back = tableFromIPC(tableToIPC(table, 'stream'))
  expect(back.numRows).toBe(3)
  expect(Object.fromEntries(back.schema.fields.map((field) => [field.name, `${field.type}`]))).toMatchObject({
    price: 'Decimal[38e+20]',
    sol: 'Decimal[18e+9]',
    i64: 'Int64',
    u64: 'Uint64',
    ts: 'Timestamp<MICROSECOND>',
    tz: 'Timestamp<MICROSECOND, UTC>',
    day: 'Date32<DAY>',
    names: 'List<Utf8>',
    bool: 'Bool',
    struct: 'Utf8',
  })
  expect(back.schema.fields.find((field) => field.name === 'price')?.metadata.get('sql_type')).toBe('DECIMAL(38,20)')
  const column = (name: string) => [0, 1, 2].map((row) => back.getChild(name)?.get(row))
  expect(column('price').map((value) => decimal(value, 20))).toEqual([
    '0.12345678901234567891',
    null,
    '-99999999999999999.99999999999999999999',
  ])
  expect(column('sol').map((value) => decimal(value, 9))).toEqual(['-0.000000001', null, '999999999.999999999'])
  expect(column('huge').map((value) => decimal(value, 0))).toEqual(['12345678901234567890123456789012345678.', null, '-1.'])
  expect(column('i64')).toEqual([9007199254740993n, null, -9007199254740993n])
  expect(column('u64')).toEqual([18446744073709551615n, null, 0n])
  expect(column('bool')).toEqual([true, null, false])
  expect(column('text')).toEqual(['é "x"', null, ''])
  expect(column('json')).toEqual(['{"a": 1.10}', null, 'null'])
  expect(column('names').map((list) => list && [...list])).toEqual([['a', null, 'b'], null, []])
  expect(column('amounts').map((list) => list && [...list].map((value) => decimal(value, 9)))).toEqual([
    ['1.250000000'],
    null,
    [],
  ])
  expect(column('f64')).toEqual([0.1, null, Number.NaN])
  expect(column('struct')).toEqual(['{"a":1}', null, '{"a":null}'])
  expect([...(column('blob')[0] as Uint8Array)]).toEqual([0xaa, 0])
  // In the bytes themselves: Arrow's own accessors give milliseconds.
  expect([...(back.getChild('ts')?.data[0]?.values as BigInt64Array)]).toEqual([1765577823000250n, 0n, -1n])
})

it('says when it is not all of it', async () => {
  const { table, truncated, truncatedBy } = await query.toArrow('SELECT i FROM range(10) t(i)', { maxRows: 3 })
  expect([table.numRows, truncated, truncatedBy]).toEqual([3, true, 'rows'])
})

it('an empty result has its columns', async () => {
  const { table } = await query.toArrow('SELECT tick, price FROM ticks')
  expect(table.numRows).toBe(0)
  expect(tableFromIPC(tableToIPC(table)).schema.fields.map(({ name, type }) => [name, `${type}`])).toEqual([
    ['tick', 'Int32'],
    ['price', 'Decimal[38e+20]'],
  ])
})

const python = fileURLToPath(new URL('../../../../.tools/python/bin/python', import.meta.url))
const hasPython = existsSync(python)
if (!hasPython) {
  process.stderr.write('\n!!! SKIPPED: no .tools/python; run scripts/setup-python.sh to read Arrow tables from Python\n\n')
  if (process.env['CI'] === 'true') throw new Error('no .tools/python, and CI must have it')
}

it.skipIf(!hasPython)('pyarrow reads the same decimals', async () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'vectra-arrow-'))
  const file = path.join(dir, 'result.arrow')
  writeFileSync(file, tableToIPC((await query.toArrow(EVERY_TYPE)).table, 'file'))
  const script = `import pyarrow as pa, sys
t = pa.ipc.open_file(sys.argv[1]).read_all()
t.validate(full=True)
print(t['price'].to_pylist(), t['sol'].to_pylist(), t['ts'].cast(pa.int64()).to_pylist(), t['names'].to_pylist(), t.schema.field('price').type)`
  const { stdout } = await promisify(execFile)(python, ['-c', script, file])
  rmSync(dir, { recursive: true })
  expect(stdout.trim()).toBe(
    "[Decimal('0.12345678901234567891'), None, Decimal('-99999999999999999.99999999999999999999')] " +
      "[Decimal('-1E-9'), None, Decimal('999999999.999999999')] [1765577823000250, None, -1] [['a', None, 'b'], None, []] decimal128(38, 20)",
  )
})
