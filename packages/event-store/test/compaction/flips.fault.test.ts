import { expect, it } from 'vitest'
import { flipBytes } from './flips.ts'

const FLIPS = process.env['VECTRA_FAULTS'] === 'quick' ? 100 : 500

it(`P7: ${FLIPS} of ${FLIPS} random changed bytes in receipts, merged parts, parts, journal, catalog, seal and sessions’ files are found`, {
  timeout: 900_000,
}, async () => {
  const seed = Number(process.env['VECTRA_SEED'] ?? Date.now() % 1_000_000)
  process.stderr.write(`changed bytes: ${JSON.stringify({ seed })}\n`)
  expect(await flipBytes(FLIPS, seed)).toBe(FLIPS)
})
