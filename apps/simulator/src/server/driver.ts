import type { Clock } from '@vectra/schemas'
import type { World } from '../world/world.ts'

/** Lets the world's time pass: with a clock, or by hand. */
export interface Driver {
  readonly paused: boolean
  /** Simulated milliseconds per real one. */
  readonly speed: number
  /** Real milliseconds by which the world is behind: above a few, the machine is too slow for the speed. */
  lagMs(): number
  pause(): void
  resume(): void
  setSpeed(speed: number): void
  /** Paused: runs whatever happens in the next `simulatedMs`. */
  advance(simulatedMs: number): void
  /** After something was put on the agenda from outside. */
  poke(): void
  close(): void
}

/** How long the world may run before sockets get their turn. */
const SLICE_MS = 8
/** Behind by more than this, the lost time is given up: a machine that slept does not replay the night. */
const GIVE_UP_MS = 5_000

/** Starts running, unless `paused`. */
export function openDriver(options: { world: World; clock: Clock; speed: number; paused: boolean }): Driver {
  const { world, clock } = options
  let { speed, paused } = options
  let closed = false
  let cancel: (() => void) | null = null
  let simulatedFrom = world.now()
  let realFrom = clock.monotonic()

  const target = (): number => simulatedFrom + (clock.monotonic() - realFrom) * speed
  const anchor = (): void => {
    simulatedFrom = world.now()
    realFrom = clock.monotonic()
  }
  const disarm = (): void => {
    cancel?.()
    cancel = null
  }
  const arm = (delay: number): void => {
    disarm()
    cancel = clock.timer(Math.max(0, delay), pump, { keepAlive: true })
  }
  function pump(): void {
    cancel = null
    if (paused || closed) return
    const started = clock.monotonic()
    while (world.nextAt() <= target()) {
      world.step()
      if (paused || closed) return
      if (clock.monotonic() - started < SLICE_MS) continue
      if (lagMs() > GIVE_UP_MS) anchor()
      arm(0)
      return
    }
    arm((world.nextAt() - target()) / speed)
  }
  function lagMs(): number {
    return paused ? 0 : Math.max(0, (target() - world.nextAt()) / speed)
  }
  if (!paused) arm(0)
  return {
    get paused() {
      return paused
    },
    get speed() {
      return speed
    },
    lagMs,
    pause() {
      paused = true
      disarm()
    },
    resume() {
      if (!paused) return
      paused = false
      anchor()
      arm(0)
    },
    setSpeed(next) {
      anchor()
      speed = next
      if (!paused) arm(0)
    },
    advance(simulatedMs) {
      const until = world.now() + simulatedMs
      while (world.nextAt() <= until) world.step()
      world.flushReplies()
    },
    poke() {
      if (paused) world.flushReplies()
      else if (!closed) arm(Math.max(0, (world.nextAt() - target()) / speed))
    },
    close() {
      closed = true
      disarm()
    },
  }
}
