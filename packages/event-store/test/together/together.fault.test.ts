import { expect, it } from 'vitest'
import { workTogether } from './together.ts'

const FOR_MS = process.env['VECTRA_FAULTS'] === 'quick' ? 15_000 : 60_000

it('P5, P10: a recorder, readers, an indexer and two compactors share one directory for a minute', async () => {
  const done = await workTogether(FOR_MS)
  process.stderr.write(`together: ${JSON.stringify(done)}\n`)
  expect(Object.values(done).reduce((sum, { looks = 0 }) => sum + looks, 0)).toBeGreaterThanOrEqual(20)
}, 300_000)
