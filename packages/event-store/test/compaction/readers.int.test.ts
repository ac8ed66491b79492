import { expect, it } from 'vitest'
import { readWhileCompacting } from './readers.ts'

it('P5: four readers get one answer, and no error, while their files are merged and removed', { timeout: 120_000 }, async () => {
  const result = await readWhileCompacting(2, 8)
  process.stderr.write(`readers during compaction: ${JSON.stringify(result)}\n`)
  expect(result.answers).toBeGreaterThan(10)
  expect(result.removed).toBeGreaterThan(0)
})
