import { Decimal } from 'decimal.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeCell, encodeRecord } from '../../src/query/encode.ts'
import { displayWidth, formatResult, printable, toCsv, toJson, toNdjson, toObjects, toTable } from '../../src/query/format.ts'
import { isoMicros } from '../../src/query/timestamps.ts'

const columns = [
  { name: 'ts', type: 'TIMESTAMP' },
  { name: 'price', type: 'DECIMAL(38,20)' },
  { name: 'seq', type: 'BIGINT' },
  { name: 'name', type: 'VARCHAR' },
  { name: 'payload', type: 'JSON' },
]
const rows = [
  [1_765_533_600_000_250, new Decimal('1.02322'), 7n, 'a,"b"\nc', '{"amount":1.10}'],
  [null, new Decimal('0.01234567890123456789'), 2n ** 60n, '', null],
  [-1, new Decimal('0'), -5n, null, '{"big":12345678901234567890}'],
]

describe('encodeCell', () => {
  it.each([
    ['a decimal a double holds', new Decimal('1.10'), 'DECIMAL(18,9)', 1.1],
    ['a decimal of 17 digits', new Decimal('0.020000000000000018'), 'DECIMAL(38,20)', 0.020000000000000018],
    ['a decimal a double does not hold', new Decimal('0.12345678901234567891'), 'DECIMAL(38,20)', '0.12345678901234567891'],
    [
      'a large decimal without exponent',
      new Decimal('123456789012345678.000000001'),
      'DECIMAL(38,9)',
      '123456789012345678.000000001',
    ],
    ['a small bigint', 42n, 'BIGINT', 42],
    ['the last safe bigint', 9_007_199_254_740_991n, 'BIGINT', 9_007_199_254_740_991],
    ['the first unsafe bigint', 9_007_199_254_740_992n, 'BIGINT', '9007199254740992'],
    ['not a number', Number.NaN, 'DOUBLE', 'NaN'],
    ['infinity', Number.NEGATIVE_INFINITY, 'DOUBLE', '-Infinity'],
    ['a timestamp', 1_765_533_600_000_001, 'TIMESTAMP', '2025-12-12T10:00:00.000001Z'],
    ['a timestamp with time zone', 0, 'TIMESTAMP WITH TIME ZONE', '1970-01-01T00:00:00.000000Z'],
    ['an infinite timestamp', Number.POSITIVE_INFINITY, 'TIMESTAMP', 'infinity'],
    ['nested values', [new Decimal('1.5'), { a: 2n ** 70n }], 'STRUCT(a HUGEINT)[]', [1.5, { a: '1180591620717411303424' }]],
    ['bytes', new Uint8Array([1, 255]), 'BLOB', '01ff'],
    ['JSON with digits that count', '{"a":[0.1234567890123456789012,1.10]}', 'JSON', { a: ['0.1234567890123456789012', 1.1] }],
    ['JSON null', 'null', 'JSON', null],
    ['JSON text that is none', '{oops', 'JSON', '{oops'],
    ['null', null, 'BIGINT', null],
  ])('%s', (_name, value, type, expected) => expect(encodeCell(value, type)).toEqual(expected))

  it('keeps __proto__ in JSON an ordinary key', () => {
    expect(JSON.stringify(encodeCell('{"__proto__":{"a":1}}', 'JSON'))).toBe('{"__proto__":{"a":1}}')
  })

  it('loses no digit of any decimal', () => {
    const digits = fc.tuple(fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }), fc.integer({ min: 0, max: 30 }))
    fc.assert(
      fc.property(digits, ([value, scale]) => {
        const decimal = new Decimal(`${value}e-${scale}`)
        const encoded = encodeCell(decimal, 'DECIMAL(38,20)')
        const printed = JSON.parse(JSON.stringify(encoded)) as string | number
        expect(new Decimal(printed).eq(decimal)).toBe(true)
      }),
    )
  })
})

describe('isoMicros', () => {
  it('is the time to the microsecond, for every year of four digits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -62_167_219_200_000_000n, max: 253_402_300_799_999_999n }), (micros) => {
        const text = isoMicros(micros)
        expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
        const millis = BigInt(Date.parse(`${text.slice(0, -4)}Z`))
        expect(millis * 1000n + BigInt(text.slice(-4, -1))).toBe(micros)
      }),
    )
  })
})

describe('json', () => {
  it('is one array of objects', () => {
    expect(JSON.parse(toJson({ columns, rows }))).toEqual([
      { ts: '2025-12-12T10:00:00.000250Z', price: 1.02322, seq: 7, name: 'a,"b"\nc', payload: { amount: 1.1 } },
      { ts: null, price: '0.01234567890123456789', seq: '1152921504606846976', name: '', payload: null },
      { ts: '1969-12-31T23:59:59.999999Z', price: 0, seq: -5, name: null, payload: { big: '12345678901234567890' } },
    ])
    expect(toJson({ columns, rows: [] })).toBe('[]\n')
  })

  it('ndjson is one object per line', () => {
    const lines = toNdjson({ columns, rows }).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(toObjects({ columns, rows }))
    expect(toNdjson({ columns, rows: [] })).toBe('')
  })
})

it('csv follows RFC 4180 and tells NULL from an empty string', () => {
  expect(toCsv({ columns, rows })).toBe(
    'ts,price,seq,name,payload\r\n' +
      '2025-12-12T10:00:00.000250Z,1.02322,7,"a,""b""\nc","{""amount"":1.10}"\r\n' +
      ',0.01234567890123456789,1152921504606846976,"",\r\n' +
      '1969-12-31T23:59:59.999999Z,0,-5,,"{""big"":12345678901234567890}"\r\n',
  )
})

describe('table', () => {
  it('aligns, with numbers to the right and wide characters counted', () => {
    const table = toTable({
      columns: [
        { name: 'user', type: 'VARCHAR' },
        { name: 'n', type: 'BIGINT' },
      ],
      rows: [
        ['漢字', 1n],
        ['👩‍🚀', 20n],
        ['é', null],
      ],
    })
    expect(table).toBe('user   n\n────  ──\n漢字   1\n👩‍🚀    20\né\n')
    expect(table.split('\n').slice(0, 4).map(displayWidth)).toEqual([8, 8, 8, 8])
  })

  it('lets no text of the feed steer the terminal', () => {
    const table = toTable({
      columns: [{ name: '\u001b[31m', type: 'VARCHAR' }],
      rows: [['\u001b]0;title\u0007\r\n\u202e'], ['ok']],
    })
    expect(table.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
    expect(printable('\u001b[2J')).toBe('\\u{1b}[2J')
  })

  it('shortens long cells', () => {
    const table = toTable({ columns: [{ name: 'a', type: 'VARCHAR' }], rows: [['x'.repeat(500_000)]] }, { maxCell: 10 })
    expect(table).toBe(`a\n──────────\n${'x'.repeat(9)}…\n`)
  })
})

it('formatResult picks the format', () => {
  const result = { columns: [{ name: 'a', type: 'INTEGER' }], rows: [[1]] }
  expect(formatResult(result, 'csv')).toBe('a\r\n1\r\n')
  expect(formatResult(result, 'json')).toBe('[\n{"a":1}\n]\n')
  expect(formatResult(result, 'ndjson')).toBe('{"a":1}\n')
  expect(formatResult(result, 'table')).toBe('a\n─\n1\n')
})

it('encodeRecord prints helpers exactly', () => {
  const game = {
    gameId: 'g',
    firstTs: 1_765_533_600_000_000,
    lastTs: null,
    ts: 0,
    peak: new Decimal('1.5'),
    sessions: ['a'],
    ticks: 3,
  }
  expect(encodeRecord(game)).toEqual({
    gameId: 'g',
    firstTs: '2025-12-12T10:00:00.000000Z',
    lastTs: null,
    ts: '1970-01-01T00:00:00.000000Z',
    peak: 1.5,
    sessions: ['a'],
    ticks: 3,
  })
})
