import { expect, it } from 'vitest'
import { flipBytes } from './flips.ts'

it('P7: 90 of 90 random changed bytes in receipts, merged parts, parts, journal, catalog, seal and sessions’ files are found', {
  timeout: 600_000,
}, async () => {
  expect(await flipBytes(90, Number(process.env['VECTRA_SEED'] ?? 20251212))).toBe(90)
})
