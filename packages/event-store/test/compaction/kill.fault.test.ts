import { expect, it } from 'vitest'
import { killCompactors } from './kill.ts'
import { seeded } from './random.ts'

const TIMES = process.env['VECTRA_FAULTS'] === 'quick' ? 10 : 100

it(`P4 P5 P6: compactors killed ${TIMES} times lose and double nothing`, { timeout: 3_600_000 }, async () => {
  const seed = Number(process.env['VECTRA_SEED'] ?? Date.now() % 1_000_000)
  const result = await killCompactors(TIMES, seeded(seed))
  process.stderr.write(`kill -9 of compactors: ${JSON.stringify({ seed, ...result })}\n`)
  expect(result.kills).toBe(TIMES)
})
