import { expect, it } from 'vitest'
import { killIndexing } from './kill.ts'

const points = process.env['VECTRA_FAULTS'] === 'quick' ? 12 : 50

it(`P11: kill -9 at ${points} random points of indexing 5,000 documents, then a run: the rows of a rebuild`, {
  timeout: 900_000,
}, async () => {
  const killed = await killIndexing({ points, count: 5_000, longestMs: 2_500, seed: Number(process.env['VECTRA_SEED'] ?? 1) })
  process.stderr.write(`${killed} of ${points} runs were at work when they were killed\n`)
  expect(killed).toBeGreaterThan(points / 3)
})
