import { expect, it } from 'vitest'
import { killAtRandom } from './fault/kill.ts'

it('P1 P2 P4: recorders killed 20 times lose nothing acknowledged', { timeout: 600_000 }, async () => {
  const seed = Number(process.env['VECTRA_SEED'] ?? 20251212)
  const result = await killAtRandom(20, seed)
  process.stderr.write(`kill -9: ${JSON.stringify({ seed, ...result })}\n`)
  expect(result.acked).toBeGreaterThan(0)
})
