import { expect, it } from 'vitest'
import { workTogether } from './together.ts'

it('P5, P10: a recorder, readers, an indexer and two compactors share one directory', async () => {
  const done = await workTogether(5_000)
  const sum = (key: string): number => Object.values(done).reduce((total, entry) => total + (entry[key] ?? 0), 0)
  expect(done['recorder']?.['seq']).toBeGreaterThan(100)
  expect(sum('looks')).toBeGreaterThanOrEqual(20)
  expect(sum('merges')).toBeGreaterThanOrEqual(2)
}, 90_000)
