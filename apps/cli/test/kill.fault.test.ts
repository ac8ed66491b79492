import { it } from 'vitest'
import { killAndCheck } from './kill-recorder.ts'

it('P1 P2 P4: kill -9 of the recorder at 100 random moments loses nothing acknowledged and leaves no hole, each recovery under 2 s', async () => {
  await killAndCheck(100, Date.now(), 2_000)
}, 900_000)
