import { expect, it } from 'vitest'
import { killCompactors } from './kill.ts'
import { seeded } from './random.ts'

it('P4 P5 P6: compactors killed 100 times lose and double nothing', { timeout: 3_600_000 }, async () => {
  const seed = Number(process.env['VECTRA_SEED'] ?? 20251212)
  const result = await killCompactors(100, seeded(seed))
  process.stderr.write(`kill -9 of compactors: ${JSON.stringify({ seed, ...result })}\n`)
  expect(result.kills).toBe(100)
})
