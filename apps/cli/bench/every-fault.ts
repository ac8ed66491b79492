import type { ChaosOptions } from '@vectra/simulator'

/** A feed at ×60 that does everything wrong a feed can do: what a long recording has to survive. */
export const EVERY_FAULT = {
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
} satisfies ChaosOptions
