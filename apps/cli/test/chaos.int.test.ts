import { expect, it } from 'vitest'
import { recordChaos, unmatched } from './chaos-run.ts'
import { scratch } from './run-cli.ts'

it('P9: a disturbed recording closes its sheet, and every loss is a gap or an issue row', { timeout: 120_000 }, async () => {
  using dir = scratch()
  const run = await recordChaos({
    dir: dir.path,
    seed: 'chaos',
    chaos: {
      drop: 0.004,
      duplicate: 0.004,
      malformed: 0.0005,
      kickMs: 2_500,
      halfOpenMs: 3_100,
      bigMs: 1_700,
      restartMs: 5_300,
      restartDownMs: 300,
      jitterMs: 4,
    },
    kinds: ['drop', 'duplicate', 'malformed', 'kick', 'half_open', 'big', 'restart'],
    times: 1,
    simulatedMs: 20 * 60_000,
  })
  expect(run.summary).toMatchObject({ closes: true, unstored: 0 })
  expect(run.summary.framesIn).toBe(run.summary.stored + run.summary.duplicates + run.summary.quarantined)
  expect(run.storedFrames).toBe(run.summary.stored)
  expect(unmatched(run)).toEqual([])
  expect(run.gaps.some((gap) => gap.cause === 'feed')).toBe(true)
  expect([...run.copies.values()].some((times) => times > 1)).toBe(true)
})
