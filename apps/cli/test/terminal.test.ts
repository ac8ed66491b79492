import { expect, it } from 'vitest'
import { sparkline } from '../src/terminal/sparkline.ts'
import { nearest } from '../src/terminal/suggestion.ts'
import { renderPairs, renderTable } from '../src/terminal/table.ts'
import { cutTo, displayWidth, printable } from '../src/terminal/text.ts'
import { formatCount, formatDuration, formatSize, parseDuration, parseSize, plural } from '../src/terminal/units.ts'
import { formatAge, formatWhen, isoMicros, parseWhen } from '../src/terminal/when.ts'

it.each([
  ['250ms', 250],
  ['10s', 10_000],
  ['1.5h', 5_400_000],
  ['1h30m', 5_400_000],
  ['2min', 120_000],
  ['1d', 86_400_000],
  ['0', 0],
  ['10', undefined],
  ['', undefined],
  ['-5s', undefined],
  ['5 parsecs', undefined],
  ['1e3s', undefined],
])('the duration %j is %j ms', (text, ms) => expect(parseDuration(text)).toBe(ms))

it.each([
  ['4096', 4_096],
  ['512MiB', 536_870_912],
  ['1.5 GB', 1_500_000_000],
  ['2tb', 2e12],
  ['12 parsecs', undefined],
  ['-1', undefined],
])('the size %j is %j bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes))

it.each([
  [0, '0ms'],
  [999, '999ms'],
  [9_440, '9.4s'],
  [59_949, '59.9s'],
  [59_951, '1m 00s'],
  [185_000, '3m 05s'],
  [7_800_000, '2h 10m'],
  [356_400_000, '4d 03h'],
])('%d ms reads %s', (ms, text) => expect(formatDuration(ms)).toBe(text))

it.each([
  [0, '0 B'],
  [812, '812 B'],
  [4_100, '4.1 kB'],
  [999_600, '1.0 MB'],
  [12_400_000_000, '12.4 GB'],
])('%d bytes read %s', (bytes, text) => expect(formatSize(bytes)).toBe(text))

it('counts are grouped the same everywhere', () => {
  expect([formatCount(0), formatCount(999), formatCount(48_211), formatCount(12_345_678n)]).toEqual([
    '0',
    '999',
    '48,211',
    '12,345,678',
  ])
  expect([plural(1, 'file'), plural(2, 'file'), plural(0, 'match', 'matches')]).toEqual(['1 file', '2 files', '0 matches'])
})

it.each([
  ['recrod', 'record'],
  ['improt', 'import'],
  ['verfy', 'verify'],
  ['sesions', 'sessions'],
  ['zzz', undefined],
  ['x', undefined],
])('%s means %s', (word, meant) => expect(nearest(word, ['record', 'import', 'verify', 'sessions', 'query'])).toBe(meant))

it('text from strangers cannot steer the terminal', () => {
  expect(printable('a\u001b[2Jb\nc\td\u009b1m\u202ee')).toBe('a\\u001b[2Jb\\nc\\td\\u009b1m\\u202ee')
  expect(printable('Łukasz ☕ 月光')).toBe('Łukasz ☕ 月光')
})

it('wide letters take two columns, marks none', () => {
  expect([displayWidth('abc'), displayWidth('月光'), displayWidth('🚀'), displayWidth('e\u0301')]).toEqual([3, 4, 2, 1])
  expect([cutTo('abcdef', 4), cutTo('月光月光', 5), cutTo('abc', 3)]).toEqual(['abc…', '月光…', 'abc'])
})

it('tables align numbers right, wide names included, and leave no trailing blanks', () => {
  const table = renderTable(
    [{ name: 'name' }, { name: 'n', align: 'right' }, { name: 'x' }],
    [
      ['月光', '7', ''],
      ['Ada\n', '1,200', 'y'],
    ],
  )
  expect(table.split('\n')).toEqual(['name       n  x', '月光       7', 'Ada\\n  1,200  y'])
  expect(
    renderPairs([
      ['a', '1'],
      ['long', '2'],
    ]),
  ).toBe('a     1\nlong  2')
})

it('a sparkline keeps the peak of a long path and spans low to high', () => {
  const path = Array.from({ length: 500 }, (_, tick) => (tick === 321 ? 50 : 1 + tick / 1_000))
  const line = sparkline(path, 40)
  expect([...line]).toHaveLength(40)
  expect([...line].filter((bar) => bar === '█')).toHaveLength(1)
  expect(sparkline([1, 2, 4, 0.02])).toMatch(/^...▁$/)
  expect(sparkline([])).toBe('')
  expect(sparkline([1, 1])).toBe('▁▁')
})

it.each([
  ['2025-12-12', '2025-12-12T00:00:00.000000Z'],
  ['2025-12-12T22:17', '2025-12-12T22:17:00.000000Z'],
  ['2025-12-12 22:17:00.118810', '2025-12-12T22:17:00.118810Z'],
  ['2025-12-12T22:17:00-05:00', '2025-12-13T03:17:00.000000Z'],
  ['10m', '2025-12-12T21:50:00.000000Z'],
])('%s is %s', (text, iso) => expect(isoMicros(parseWhen(text, Date.parse('2025-12-12T22:00:00Z')) ?? 0)).toBe(iso))

it('what is no time is refused', () => {
  for (const text of ['yesterday', '2025-13-01', '12:00', '']) expect(parseWhen(text, 0)).toBeUndefined()
  expect(formatWhen(1_765_577_820_118_810)).toBe('2025-12-12 22:17:00.118')
  expect(formatAge(1_000_000, 61_000)).toBe('60s ago')
})
