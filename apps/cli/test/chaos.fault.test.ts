import { expect, it } from 'vitest'
import { EVERY_FAULT } from '../bench/every-fault.ts'
import { recordChaos, unmatched } from './chaos-run.ts'
import { scratch } from './run-cli.ts'

it('P9: one simulated hour at ×60 with every fault closes its sheet, and every loss is a gap or an issue row', {
  timeout: 300_000,
}, async () => {
  using dir = scratch()
  const run = await recordChaos({
    dir: dir.path,
    seed: 'an hour',
    chaos: EVERY_FAULT,
    kinds: [],
    times: 0,
    simulatedMs: 3_600_000,
  })
  const counts: Record<string, number> = {}
  for (const fault of run.faults) counts[fault.kind] = (counts[fault.kind] ?? 0) + 1
  process.stderr.write(
    `${JSON.stringify({ simulated_minutes: Math.round(run.simulatedMs / 60_000), games: run.games, frames: run.summary.framesIn, gaps: run.gaps.length, est_missing: run.summary.estMissing, faults: counts })}\n`,
  )
  expect(run.simulatedMs).toBeGreaterThanOrEqual(3_600_000)
  expect(run.summary).toMatchObject({ closes: true, unstored: 0 })
  expect(run.storedFrames).toBe(run.summary.stored)
  expect(run.faults.length).toBeGreaterThan(100)
  expect(unmatched(run)).toEqual([])
})
