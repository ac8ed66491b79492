import type { Clock, EventSource } from '@vectra/schemas'
import type { Gap } from './gap.ts'

/** The wall clock may wander against the steady one by so much between two looks; more is a step, or a machine that slept. */
const STEP_US = 1_000_000

/**
 * Notices when the wall clock steps: times of rows before and after do not measure what passed between them. A machine that slept shows
 * as a step forward.
 */
export class ClockWatch {
  readonly #clock: Clock
  readonly #source: EventSource
  #wall: number
  #offset: number

  constructor(clock: Clock, source: EventSource) {
    this.#clock = clock
    this.#source = source
    this.#wall = clock.now()
    this.#offset = this.#wall - clock.monotonic() * 1000
  }

  /** To be called now and then. @returns the stretch of times that a step since the last call makes doubtful */
  look(): Gap | null {
    const before = this.#wall
    const wall = this.#clock.now()
    const offset = wall - this.#clock.monotonic() * 1000
    const step = offset - this.#offset
    this.#wall = wall
    this.#offset = offset
    if (Math.abs(step) < STEP_US) return null
    return {
      from: Math.min(before, wall),
      to: Math.max(before, wall),
      cause: 'clock',
      source: this.#source,
      est_missing: null,
      recovered_by: null,
      step_us: Math.round(step),
    }
  }
}
