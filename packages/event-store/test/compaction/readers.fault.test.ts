import { expect, it } from 'vitest'
import { readWhileCompacting } from './readers.ts'

const ROUNDS = process.env['VECTRA_FAULTS'] === 'quick' ? 4 : 24

it('P5: four readers get one answer, and no error, through many merges', { timeout: 900_000 }, async () => {
  const result = await readWhileCompacting(ROUNDS, 24)
  process.stderr.write(`readers during compaction: ${JSON.stringify(result)}\n`)
  expect(result.answers).toBeGreaterThan(50)
})
