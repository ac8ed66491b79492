import { checkSpeed, type Speed } from './pace.ts'

/** How a {@link ReplayControl} begins. */
export interface ReplayControlOptions {
  /** Default false: it plays. */
  readonly paused?: boolean
  /** Default 1. */
  readonly speed?: Speed
}

/**
 * A replay in somebody's hand: pause, go on, one frame at a time, faster and slower. Pass it to `replaySource`, `replayEvents` or
 * `serveReplay` (there to a replay that all clients share), and use it for one of them only.
 */
export class ReplayControl {
  #paused: boolean
  #speed: Speed
  #steps = 0
  readonly #listeners = new Set<() => void>()

  /** @throws TypeError for a speed that is none */
  constructor({ paused = false, speed = 1 }: ReplayControlOptions = {}) {
    checkSpeed(speed)
    this.#paused = paused
    this.#speed = speed
  }

  get paused(): boolean {
    return this.#paused
  }

  get speed(): Speed {
    return this.#speed
  }

  /** Stops before the next frame. Recorded time stands still meanwhile. */
  pause(): void {
    this.#paused = true
    this.#changed()
  }

  /** Goes on from where it stands. */
  resume(): void {
    this.#paused = false
    this.#steps = 0
    this.#changed()
  }

  /** Lets so many frames through at once and stands still after them, whether it stood before or not. */
  step(frames = 1): void {
    if (!(Number.isSafeInteger(frames) && frames > 0)) throw new TypeError(`step takes a whole number above 0, not ${frames}`)
    this.#paused = true
    this.#steps += frames
    this.#changed()
  }

  /** From now on; what was played stays played. @throws TypeError for a speed that is none */
  setSpeed(speed: Speed): void {
    checkSpeed(speed)
    this.#speed = speed
    this.#changed()
  }

  /** Frames that were granted by `step` and not played yet. */
  get steps(): number {
    return this.#steps
  }

  /** Takes one of the steps that were granted, for whoever plays. */
  takeStep(): boolean {
    if (this.#steps === 0) return false
    this.#steps -= 1
    this.#changed()
    return true
  }

  /** Calls back at every change until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}
