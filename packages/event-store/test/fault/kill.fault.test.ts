import { expect, it } from 'vitest'
import { killAtRandom } from './kill.ts'

it('P1 P2 P4: recorders killed 100 times lose nothing acknowledged', { timeout: 3_600_000 }, async () => {
  const seed = Number(process.env['VECTRA_SEED'] ?? Date.now() % 1_000_000)
  const result = await killAtRandom(100, seed)
  process.stderr.write(`kill -9: ${JSON.stringify({ seed, ...result })}\n`)
  expect(result.acked).toBeGreaterThan(0)
})
