import type { Quantiles } from './streams.ts'

/**
 * How long things take, in milliseconds of the server's time, as distributions through the measured quantiles.
 *
 * @see domain reference, section 3.3
 */
export const TIMINGS = {
  /** mean 251.2, median 250.3, p5 147, p95 334, p99 531 */
  tick: [
    [0, 20],
    [0.05, 147],
    [0.25, 238],
    [0.5, 250.3],
    [0.75, 262],
    [0.95, 334],
    [0.99, 531],
    [1, 850],
  ],
  /** mean 100.0, median 100.2, p95 148 */
  cooldownStep: [
    [0, 3],
    [0.05, 52],
    [0.25, 95],
    [0.5, 100.2],
    [0.75, 105],
    [0.95, 148],
    [1, 200],
  ],
  /** median 138, p95 247 */
  lastStepToStart: [
    [0, 60],
    [0.25, 118],
    [0.5, 138],
    [0.75, 165],
    [0.95, 247],
    [1, 400],
  ],
  /** median 620, p95 1800, p99 2600; up to 5300 seen */
  rugToRepeat: [
    [0, 300],
    [0.25, 480],
    [0.5, 620],
    [0.75, 900],
    [0.95, 1800],
    [0.99, 2600],
    [1, 5300],
  ],
  /** about 300 */
  repeatToReveal: [
    [0, 220],
    [0.5, 300],
    [1, 400],
  ],
  /** median 8, p95 38 */
  playerFrame: [
    [0, 2],
    [0.5, 8],
    [0.95, 38],
    [1, 60],
  ],
  /** One trade in this time is broadcast, however many there are. */
  tradeSample: [
    [0, 1900],
    [0.5, 2000],
    [1, 2150],
  ],
  chat: [
    [0, 400],
    [0.5, 6000],
    [1, 20_000],
  ],
  sideEvent: [
    [0, 15_000],
    [1, 45_000],
  ],
  unknownEvent: [
    [0, 30_000],
    [1, 90_000],
  ],
} as const satisfies Readonly<Record<string, Quantiles>>

/** From an order to each thing it causes. */
export const ORDER_DELAYS = { trade: 69, player: 198, state: 213, ack: 219 } as const

/** Own results come this long before the rug frame. */
export const RUG_NOTICE_MS = 175
