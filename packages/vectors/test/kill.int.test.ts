import { expect, it } from 'vitest'
import { killIndexing } from './kill.ts'

it('P11: kill -9 at 4 random points of indexing, then a run: the rows of a rebuild', { timeout: 90_000 }, async () => {
  expect(await killIndexing({ points: 4, count: 1_500, longestMs: 500, seed: 7 })).toBeGreaterThan(0)
})
