import type { Clock } from '@vectra/schemas'
import type { Socket } from 'socket.io'
import { PreparedJson } from '../wire/prepared.ts'
import type { Stream } from '../world/streams.ts'
import type { ChaosOptions } from './chaos.ts'
import type { FaultKind } from './faults.ts'
import { BROKEN_TEXT } from './transport.ts'

/** The way to one connection when frames are disturbed: late, lost, doubled, swapped or followed by rubbish. */
export interface Lane {
  send(event: string, args: readonly unknown[]): void
  /** Forgets what is still on the way. */
  close(): void
}

/** Opens the way. `onFault` hears of everything that was done to a frame. */
export function openLane(options: {
  socket: Socket
  chaos: ChaosOptions
  stream: Stream
  clock: Clock
  onFault: (kind: FaultKind, event: string, sizeBytes: number) => void
}): Lane {
  const { socket, chaos, stream, clock, onFault } = options
  const queue: { at: number; action: () => void }[] = []
  let free = 0
  let cancel: (() => void) | null = null
  let held: { event: string; args: readonly unknown[] } | null = null

  /** One timer for the first in line: two timers a millisecond apart may fire in either order. */
  const run = (): void => {
    cancel = null
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      const delay = next.at - clock.monotonic()
      if (delay > 0) {
        cancel = clock.timer(delay, run)
        return
      }
      queue.shift()
      next.action()
    }
  }
  /** Sends after the lane's delay, never before an earlier frame. */
  const later = (action: () => void): void => {
    free = Math.max(free, clock.monotonic() + (chaos.latencyMs ?? 0) + stream.float() * (chaos.jitterMs ?? 0))
    queue.push({ at: free, action })
    if (cancel === null) run()
  }
  const emit = (event: string, args: readonly unknown[]): void => later(() => socket.emit(event, ...args))
  return {
    send(event, args) {
      if (stream.chance(chaos.drop ?? 0)) {
        onFault('drop', event, sizeOf(args))
        return
      }
      if (held === null && stream.chance(chaos.reorder ?? 0)) {
        onFault('reorder', event, sizeOf(args))
        held = { event, args }
        return
      }
      emit(event, args)
      if (stream.chance(chaos.duplicate ?? 0)) {
        onFault('duplicate', event, sizeOf(args))
        emit(event, args)
      }
      if (held !== null) {
        emit(held.event, held.args)
        held = null
      }
      if (stream.chance(chaos.malformed ?? 0)) {
        onFault('malformed', event, sizeOf(args))
        later(() => void socket.conn.write(BROKEN_TEXT))
      }
    },
    close() {
      cancel?.()
      queue.length = 0
      held = null
    },
  }
}

function sizeOf(args: readonly unknown[]): number {
  return args.reduce<number>((sum, arg) => sum + (arg instanceof PreparedJson ? arg.text.length : 0), 0)
}
