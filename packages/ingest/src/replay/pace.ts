import type { Clock, Micros } from '@vectra/schemas'
import type { ReplayControl } from './control.ts'

/** How fast recorded time runs: a factor (1 is as recorded), or as fast as the reader pulls. */
export type Speed = number | 'max'

/** @throws TypeError for anything but a positive number or `max` */
export function checkSpeed(speed: Speed): void {
  if (speed === 'max' || (Number.isFinite(speed) && speed > 0)) return
  throw new TypeError(`speed must be a number above 0 or "max", not ${String(speed)}`)
}

/** Where recorded time and ours met last, and how fast it runs since. */
interface Anchor {
  readonly recorded: Micros
  readonly monotonic: number
  readonly speed: Speed
}

/** Waits until a recorded moment is due. The first moment is due at once; a step back in time is due at once, too. */
export class Pace {
  readonly #clock: Clock
  readonly #speed: Speed
  readonly #control: ReplayControl | null
  #anchor: Anchor | null = null
  /** Where recorded time stands while it is held. */
  #held: Micros | null = null

  /** @param control rules over `speed` when given */
  constructor(clock: Clock, speed: Speed, control: ReplayControl | null = null) {
    this.#clock = clock
    this.#speed = speed
    this.#control = control
  }

  /** Resolves when `at` is due, or the signal aborts. */
  async due(at: Micros, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#control?.paused) {
        this.#held ??= this.#position(at)
        this.#anchor = null
        if (this.#control.takeStep()) {
          this.#held = at
          return
        }
        await this.#wait(null, signal)
      } else {
        const delayMs = this.#delay(at, this.#control?.speed ?? this.#speed)
        if (delayMs <= 0) return
        await this.#wait(delayMs, signal)
        if (this.#control === null) return
      }
    }
  }

  #delay(at: Micros, speed: Speed): number {
    if (this.#anchor?.speed !== speed) {
      this.#anchor = { recorded: this.#held ?? this.#position(at), monotonic: this.#clock.monotonic(), speed }
      this.#held = null
    }
    if (speed === 'max') return 0
    const { recorded, monotonic } = this.#anchor
    return monotonic + (at - recorded) / 1000 / speed - this.#clock.monotonic()
  }

  /** Recorded time now; `at` when it never ran, or ran without a pace. */
  #position(at: Micros): Micros {
    if (this.#anchor === null || this.#anchor.speed === 'max') return at
    const { recorded, monotonic, speed } = this.#anchor
    return Math.min(at, recorded + (this.#clock.monotonic() - monotonic) * 1000 * speed)
  }

  /** Until the time has passed, the control says something, or the signal aborts. */
  #wait(delayMs: number | null, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel?.()
        forget?.()
        signal.removeEventListener('abort', done)
        resolve()
      }
      const cancel = delayMs === null ? undefined : this.#clock.timer(delayMs, done, { keepAlive: true })
      const forget = this.#control?.onChange(done)
      signal.addEventListener('abort', done, { once: true })
    })
  }
}
