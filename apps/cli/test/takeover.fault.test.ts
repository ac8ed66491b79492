import { it } from 'vitest'
import { scratch } from './run-cli.ts'
import { takeoverRun } from './takeover-run.ts'

const times = process.env.VECTRA_FAULTS === 'quick' ? 10 : 50

it(`a feed at ×60 taken over ${times} times: every tick is there, what two recorded is counted`, {
  timeout: times * 20_000,
}, async () => {
  using dir = scratch()
  await takeoverRun(dir.path, { times, speed: 60 })
})
