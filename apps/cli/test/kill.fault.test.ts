import { it } from 'vitest'
import { killAndCheck } from './kill-recorder.ts'

/** `pnpm test:faults` kills a hundred times; the quick form of CI twenty, at other moments every day. */
const TIMES = process.env['VECTRA_FAULTS'] === 'quick' ? 20 : 100

it(`P1 P2 P4: kill -9 of the recorder at ${TIMES} random moments loses nothing acknowledged and leaves no hole, each recovery under 2 s`, async () => {
  await killAndCheck(TIMES, Date.now(), 2_000)
}, 900_000)
