import { Decimal } from 'decimal.js'
import { expect, it } from 'vitest'
import { cellText, isNumeric, jsonText, jsonValue } from '../src/terminal/cells.ts'

const column = (type: string) => ({ name: 'x', type })

it.each([
  ['DECIMAL(38,20)', new Decimal('1.02117793936309580000'), 1.0211779393630958],
  ['DECIMAL(38,20)', new Decimal('1.02117793936309571234'), '1.02117793936309571234'],
  ['DECIMAL(18,9)', new Decimal('0.0000001'), 0.0000001],
  ['DECIMAL(18,9)', new Decimal('0.000000000'), 0],
  ['DECIMAL(18,9)', new Decimal('-25.500000000'), -25.5],
  ['DECIMAL(38,20)', new Decimal('100'), 100],
  ['HUGEINT', 10n ** 21n, '1000000000000000000000'],
  ['BIGINT', 9_007_199_254_740_991n, 9_007_199_254_740_991],
  ['BIGINT', 9_007_199_254_740_993n, '9007199254740993'],
  ['TIMESTAMP', 1_765_577_820_118_810, '2025-12-12T22:17:00.118810Z'],
  ['TIMESTAMP', Number.POSITIVE_INFINITY, 'infinity'],
  ['DOUBLE', Number.NaN, 'NaN'],
  ['VARCHAR', 'NULL', 'NULL'],
  ['VARCHAR', null, null],
  ['DECIMAL(18,9)[]', [new Decimal('1.10'), null], [1.1, null]],
])('%s %s is %j in JSON', (type, value, json) => expect(jsonValue(value, column(type))).toEqual(json))

it('JSON columns are embedded with the digits they are stored with', () => {
  const columns = [{ name: 'payload', type: 'JSON' }, { name: 'n', type: 'INTEGER' }]
  expect(jsonText(columns, ['{"price": 1.10,\n "big": 123456789012345678901234567890}', 7])).toBe(
    '{"payload":{"price": 1.10,  "big": 123456789012345678901234567890},"n":7}',
  )
  expect(jsonText([column('VARCHAR')], ['{"a":1}'])).toBe('{"x":"{\\"a\\":1}"}')
})

it('text keeps every digit and drops only filling zeros', () => {
  expect(cellText(new Decimal('1.02117793936309571234'), column('DECIMAL(38,20)'))).toBe('1.02117793936309571234')
  expect(cellText(new Decimal('100.000000000'), column('DECIMAL(18,9)'))).toBe('100')
  expect(cellText(1_765_577_820_118_810, column('TIMESTAMP'), 'table')).toBe('2025-12-12 22:17:00.118')
  expect(cellText(null, column('VARCHAR'))).toBeNull()
  expect([isNumeric(column('DECIMAL(18,9)')), isNumeric(column('BIGINT')), isNumeric(column('INTERVAL')), isNumeric(column('VARCHAR'))]).toEqual([true, true, false, false])
})
