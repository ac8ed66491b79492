import { expect, it } from 'vitest'
import { killAtRandom } from './kill.ts'

/** `pnpm test:faults` kills a hundred times; the quick form of CI twenty, at other moments every day. */
const TIMES = process.env['VECTRA_FAULTS'] === 'quick' ? 20 : 100

it(`P1 P2 P4: recorders killed ${TIMES} times lose nothing acknowledged`, { timeout: 3_600_000 }, async () => {
  const seed = Number(process.env['VECTRA_SEED'] ?? Date.now() % 1_000_000)
  const result = await killAtRandom(TIMES, seed)
  process.stderr.write(`kill -9: ${JSON.stringify({ seed, ...result })}\n`)
  expect(result.acked).toBeGreaterThan(0)
})
