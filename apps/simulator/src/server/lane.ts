import type { Clock } from '@vectra/schemas'
import type { Socket } from 'socket.io'
import type { Stream } from '../world/streams.ts'
import { type ChaosOptions } from './chaos.ts'
import type { FaultKind } from './faults.ts'
import { BROKEN_TEXT } from './transport.ts'

/** The way to one connection when frames are disturbed: late, lost, doubled, swapped or followed by rubbish. */
export interface Lane {
  send(event: string, args: readonly unknown[]): void
  /** Forgets what is still on the way. */
  close(): void
}

/** Opens the way. `onFault` hears of everything that was done to a frame. */
export function openLane(options: { socket: Socket; chaos: ChaosOptions; stream: Stream; clock: Clock; onFault: (kind: FaultKind, event: string) => void }): Lane {
  const { socket, chaos, stream, clock, onFault } = options
  const timers = new Set<() => void>()
  let free = 0
  let held: { event: string; args: readonly unknown[] } | null = null

  /** Sends after the lane's delay, never before an earlier frame. */
  const later = (action: () => void): void => {
    const wanted = clock.monotonic() + (chaos.latencyMs ?? 0) + stream.float() * (chaos.jitterMs ?? 0)
    free = Math.max(free, wanted)
    const delay = free - clock.monotonic()
    if (delay <= 0 && timers.size === 0) {
      action()
      return
    }
    const cancel = clock.timer(Math.max(0, delay), () => {
      timers.delete(cancel)
      action()
    })
    timers.add(cancel)
  }
  const emit = (event: string, args: readonly unknown[]): void => later(() => socket.emit(event, ...args))
  return {
    send(event, args) {
      if (stream.chance(chaos.drop ?? 0)) {
        onFault('drop', event)
        return
      }
      if (held === null && stream.chance(chaos.reorder ?? 0)) {
        onFault('reorder', event)
        held = { event, args }
        return
      }
      emit(event, args)
      if (stream.chance(chaos.duplicate ?? 0)) {
        onFault('duplicate', event)
        emit(event, args)
      }
      if (held !== null) {
        emit(held.event, held.args)
        held = null
      }
      if (stream.chance(chaos.malformed ?? 0)) {
        onFault('malformed', event)
        later(() => void socket.conn.write(BROKEN_TEXT))
      }
    },
    close() {
      for (const cancel of timers) cancel()
      timers.clear()
      held = null
    },
  }
}
