import { performance } from 'node:perf_hooks'
import type { Clock } from '@vectra/schemas'

/** The machine's clock. The only place of this package that looks at it. */
export function systemClock(): Clock {
  return {
    now: () => Math.round((performance.timeOrigin + performance.now()) * 1000),
    monotonic: () => performance.now(),
    timer(delayMs, fire, options) {
      const timer = setTimeout(fire, delayMs)
      if (options?.keepAlive !== true) timer.unref()
      return () => clearTimeout(timer)
    },
  }
}

/** A seed for those who do not care which. */
export function randomSeed(): string {
  return Math.floor(Math.random() * 0x1_0000_0000)
    .toString(16)
    .padStart(8, '0')
}
