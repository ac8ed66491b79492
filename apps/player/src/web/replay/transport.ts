/** Speeds of the transport; `max` is one tick a picture. */
export const SPEEDS = ['0.25', '0.5', '1', '2', '5', 'max'] as const
export type ReplaySpeed = (typeof SPEEDS)[number]

/** Milliseconds of a tick where none was recorded. */
const TICK_MS = 250

/**
 * When each tick is due, in milliseconds from tick 0: as it was received; unknown ticks follow the one before by the game's own pace.
 *
 * Never falls: a frame that came late does not turn time back.
 */
export function dueTimes(times: readonly (number | null)[]): readonly number[] {
  const due: number[] = []
  let offset: number | null = null
  for (const [tick, time] of times.entries()) {
    const before = tick === 0 ? 0 : (due[tick - 1] ?? 0)
    if (time === null) {
      due.push(tick === 0 ? 0 : before + TICK_MS)
      continue
    }
    // Recording began in mid-game: its first known tick stands where the game's pace puts it.
    offset ??= tick * TICK_MS - time
    due.push(Math.max(before, time + offset))
  }
  return due
}

/** The last tick that is due at a time. */
export function tickAt(due: readonly number[], time: number): number {
  let low = 0
  let high = due.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((due[middle] ?? 0) <= time) low = middle
    else high = middle - 1
  }
  return Math.max(0, low)
}

/** Where playing goes on from. */
export interface Playhead {
  readonly tick: number
  /** Recorded milliseconds. */
  readonly time: number
  readonly ended: boolean
}

/** Moves on by some real milliseconds. */
export function advance(
  due: readonly number[],
  head: Pick<Playhead, 'tick' | 'time'>,
  elapsedMs: number,
  speed: ReplaySpeed,
  loop: boolean,
): Playhead {
  const last = due.length - 1
  if (last < 0) return { tick: 0, time: 0, ended: true }
  const time = speed === 'max' ? (due[Math.min(last, head.tick + 1)] ?? 0) : head.time + elapsedMs * Number(speed)
  const end = due[last] ?? 0
  if (time < end || (speed === 'max' && head.tick < last)) return { tick: tickAt(due, time), time, ended: false }
  if (loop) return { tick: 0, time: 0, ended: false }
  return { tick: last, time: end, ended: true }
}

/** The next tick in a direction at which one of the marks stands; null when there is none. */
export function nextMark(marks: readonly { readonly tick: number }[], tick: number, direction: 1 | -1): number | null {
  const ticks = marks.map((mark) => mark.tick).filter((one) => (direction === 1 ? one > tick : one < tick))
  if (ticks.length === 0) return null
  return direction === 1 ? Math.min(...ticks) : Math.max(...ticks)
}
