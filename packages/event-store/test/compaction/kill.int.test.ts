import { expect, it } from 'vitest'
import { killCompactors } from './kill.ts'
import { seeded } from './random.ts'

it('P4 P5 P6: compactors killed 3 times lose and double nothing', { timeout: 300_000 }, async () => {
  const seed = Number(process.env['VECTRA_SEED'] ?? 20251212)
  const result = await killCompactors(3, seeded(seed))
  process.stderr.write(`kill -9 of compactors: ${JSON.stringify({ seed, ...result })}\n`)
  expect(result.kills).toBe(3)
})
