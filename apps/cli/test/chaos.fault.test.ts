import { expect, it } from 'vitest'
import { recordChaos, unmatched } from './chaos-run.ts'
import { scratch } from './run-cli.ts'

it('P9: one simulated hour at ×60 with every fault closes its sheet, and every loss is a gap or an issue row', {
  timeout: 300_000,
}, async () => {
  using dir = scratch()
  const run = await recordChaos({
    dir: dir.path,
    seed: 'an hour',
    chaos: {
      drop: 0.01,
      duplicate: 0.01,
      reorder: 0.002,
      malformed: 0.0003,
      kickMs: 7_000,
      halfOpenMs: 11_000,
      bigMs: 5_000,
      restartMs: 17_000,
      restartDownMs: 500,
      latencyMs: 5,
      jitterMs: 10,
      skewMs: -3_000,
    },
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
