import { computed, effect, signal } from '@preact/signals'
import type { ReplayGame, ReplayMark } from '../../protocol/recorded.ts'
import { setQuery } from '../shell/router.ts'
import { advance, dueTimes, nextMark, type ReplaySpeed } from './transport.ts'

/** Where a game begins to be shown, as an address says it. */
export interface PlaybackStart {
  readonly tick: number
  readonly speed: ReplaySpeed
  readonly loop: boolean
}

/** What one opened game is doing. Made once per game; `stop()` when it is left. */
export function createPlayback(game: ReplayGame, start: PlaybackStart) {
  const due = dueTimes(game.times)
  const last = Math.max(0, game.path.length - 1)
  const clamp = (value: number): number => Math.min(last, Math.max(0, Math.round(value)))
  const tick = signal(clamp(start.tick))
  const playing = signal(false)
  const speed = signal<ReplaySpeed>(start.speed)
  const loop = signal(start.loop)
  let time = due[tick.peek()] ?? 0
  let frame = 0
  let before = 0
  let written = ''
  let pending: ReturnType<typeof setTimeout> | undefined

  const write = (): void => {
    const present = {
      tick: String(tick.peek()),
      speed: speed.peek() === '1' ? null : speed.peek(),
      loop: loop.peek() ? 'on' : null,
    }
    if (written === JSON.stringify(present)) return
    written = JSON.stringify(present)
    setQuery(present)
  }
  // Browsers refuse an address that changes with every picture: the one where the hand rests is enough.
  const remember = (): void => {
    clearTimeout(pending)
    pending = setTimeout(write, 150)
  }
  let begun = false
  const forget = effect(() => {
    void [speed.value, loop.value]
    if (begun) remember()
    begun = true
  })
  const pause = (): void => {
    cancelAnimationFrame(frame)
    playing.value = false
    remember()
  }
  const step = (now: number): void => {
    const head = advance(due, { tick: tick.peek(), time }, now - before, speed.peek(), loop.peek())
    before = now
    time = head.time
    tick.value = head.tick
    if (head.ended) pause()
    else frame = requestAnimationFrame(step)
  }
  const play = (): void => {
    if (playing.peek()) return
    if (tick.peek() === last) {
      tick.value = 0
      time = 0
    }
    playing.value = true
    before = performance.now()
    frame = requestAnimationFrame(step)
  }
  const seek = (to: number, keep = true): void => {
    tick.value = clamp(to)
    time = due[tick.peek()] ?? 0
    if (keep && !playing.peek()) remember()
  }
  return {
    game,
    last,
    tick,
    playing,
    speed,
    loop,
    price: computed(() => priceAt(game.path, tick.value)),
    play,
    pause,
    toggle: (): void => (playing.peek() ? pause() : play()),
    seek,
    /** Moves by some ticks, paused. */
    step(by: number): void {
      pause()
      seek(tick.peek() + by)
    },
    /** Goes to the next or the last mark of some kinds; false when there is none. */
    jump(kinds: readonly ReplayMark['kind'][], direction: 1 | -1): boolean {
      const to = nextMark(
        game.marks.filter((mark) => kinds.includes(mark.kind)),
        tick.peek(),
        direction,
      )
      if (to === null) return false
      seek(to)
      return true
    },
    stop(): void {
      forget()
      cancelAnimationFrame(frame)
      clearTimeout(pending)
    },
  }
}

export type Playback = ReturnType<typeof createPlayback>

/** The price at a tick, or the last one known before it. */
export function priceAt(path: readonly (string | null)[], tick: number): string | null {
  for (let at = Math.min(tick, path.length - 1); at >= 0; at -= 1) {
    const price = path[at]
    if (price != null) return price
  }
  return null
}
