import fc from 'fast-check'
import { expect, it } from 'vitest'
import { exactView, parseExact } from '../src/index.ts'
import { withLiterals } from './exact-text.ts'
import { jsonText, numberLiteral } from './generators.ts'

/** Frames whose members share few keys and few values: the fast way meets every kind of collision. */
const crowded = fc
  .array(
    fc.array(fc.tuple(fc.constantFrom('pnl', 'price'), fc.oneof(numberLiteral, fc.constantFrom('1', '1.0', '1.00', '"pnl"'))), {
      maxLength: 4,
    }),
    {
      maxLength: 8,
    },
  )
  .map(
    (entries) => `[${entries.map((members) => `{${members.map(([name, value]) => `"${name}":${value}`).join(',')}}`).join(',')}]`,
  )

it.each([
  ['arbitrary texts', jsonText],
  ['crowded texts', crowded],
])('the view is never wrong: %s', (_label, texts) => {
  fc.assert(
    fc.property(texts, (text) => {
      const frame = `["name",{"__trace":true,"pnl":1},${text}]`
      const view = exactView(frame, 2, JSON.parse(text))
      for (const [path, literal] of withLiterals(parseExact(text))) {
        expect(view.literal(path)).toBe(literal)
        expect(view.decimal(path)?.equals(literal)).toBe(true)
      }
    }),
    { numRuns: 500 },
  )
})
