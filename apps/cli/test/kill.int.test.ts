import { it } from 'vitest'
import { killAndCheck } from './kill-recorder.ts'

it('P1 P2 P4: kill -9 of the recorder at 20 random moments loses nothing acknowledged and leaves no hole', async () => {
  await killAndCheck(20, 20)
}, 180_000)
