import { expect, it } from 'vitest'
import { shorten, sizeOf, takePage } from '../../src/server/budget.ts'
import { decodeCursor, encodeCursor } from '../../src/server/cursor.ts'
import { plainText, plainValue } from '../../src/server/plain-text.ts'
import { isoMicros, parseWhen } from '../../src/server/when.ts'

const NOW = Date.UTC(2025, 11, 13, 12)

it.each([
  ['2025-12-12', Date.UTC(2025, 11, 12) * 1_000],
  ['2025-12-12T22:17', Date.UTC(2025, 11, 12, 22, 17) * 1_000],
  ['2025-12-12T22:17:01.123456Z', Date.UTC(2025, 11, 12, 22, 17, 1) * 1_000 + 123_456],
  ['2025-12-12T22:17:01.5+02:00', Date.UTC(2025, 11, 12, 20, 17, 1) * 1_000 + 500_000],
  ['24h', (NOW - 86_400_000) * 1_000],
  ['90m', (NOW - 5_400_000) * 1_000],
])('%s is a time', (text, micros) => {
  expect(parseWhen(text, NOW)).toBe(micros)
})

it.each(['', 'yesterday', '2025-13-01', '2025-12-12T25:00', '12.12.2025', '1y', '2025-12-12; DROP'])('%j is none', (text) => {
  expect(() => parseWhen(text, NOW)).toThrow(/is no time/)
})

it('times are printed with all six digits', () => {
  expect(isoMicros(Date.UTC(2025, 11, 12) * 1_000 + 7)).toBe('2025-12-12T00:00:00.000007Z')
})

it.each([
  ['\u001b[31mred\u001b[0m', 'red'],
  ['\u001b]8;;http://x\u0007link\u001b]8;;\u0007', 'link'],
  ['a\u200bb\u202ec\ufeff\u{e0041}', 'abc'],
  ['line\nbreak\ttab', 'line\nbreak\ttab'],
  ['half \ud800', 'half \ufffd'],
  ['naïve 😀 日本', 'naïve 😀 日本'],
])('%j is shown as %j', (text, shown) => {
  expect(plainText(text)).toBe(shown)
  expect(plainValue({ [text]: [text, 1, null] })).toEqual({ [shown]: [shown, 1, null] })
})

it('whatever the records and the budget: a page fits, is never empty, and says what it lacks', async () => {
  let seed = 7
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % below
  }
  for (let run = 0; run < 300; run++) {
    const records = Array.from({ length: random(12) + 1 }, (_, id) => ({
      id,
      text: '<é"x'.repeat(random(200)),
      more: { note: 'y'.repeat(random(300)) },
    }))
    const maxChars = 120 + random(2_000)
    const limit = random(8) + 1
    const page = await takePage(records, { limit, maxChars, show: (one) => one })
    expect(page.items.length).toBeGreaterThan(0)
    expect(page.items.length).toBeLessThanOrEqual(limit)
    expect(page.shown.reduce((sum, one) => sum + sizeOf(one) + 1, 0)).toBeLessThanOrEqual(maxChars + 1)
    expect(page.items).toEqual(records.slice(0, page.items.length))
    expect(page.truncated).toBe(page.items.length < records.length || page.cut.length > 0)
    expect(page.last).toEqual(page.items.length < records.length ? page.items.at(-1) : undefined)
  }
})

it('what is shortened is named, and stays whole text', () => {
  const cut = new Set<string>()
  const shown = shorten({ a: '😀'.repeat(500), b: [{ c: 'short' }] }, 200, cut)
  expect([...cut]).toEqual(['a'])
  expect(shown.a).toMatch(/… \[cut\]$/)
  expect(shown.a.isWellFormed()).toBe(true)
  expect(shown.b).toEqual([{ c: 'short' }])
})

it('a cursor opens for its own question alone', () => {
  const cursor = encodeCursor({ a: 1 }, [5, 'x'])
  expect(decodeCursor({ a: 1 }, cursor)).toEqual([5, 'x'])
  for (const [question, text] of [
    [{ a: 2 }, cursor],
    [{ a: 1 }, `x${cursor}`],
    [{ a: 1 }, 'nonsense'],
    [{ a: 1 }, ''],
  ] as const) {
    expect(() => decodeCursor(question, text)).toThrow(/belongs to other arguments/)
  }
})
