import type { Clock } from '@vectra/schemas'
import type { Server, Socket } from 'socket.io'
import { prepare } from '../wire/prepared.ts'
import type { Outgoing } from '../world/outgoing.ts'
import type { Stream } from '../world/streams.ts'
import { type ChaosOptions, disturbsFrames } from './chaos.ts'
import type { FaultKind } from './faults.ts'
import { type Lane, openLane } from './lane.ts'

/** Sends what the world says to the connections it is for. */
export interface Feed {
  /** Connections. */
  readonly size: number
  add(socket: Socket, playerId: string | null): void
  /** A connection that logged in after it was opened. */
  become(socket: Socket, playerId: string): void
  remove(socket: Socket): void
  send(outgoing: Outgoing): void
  /** To one connection alone, e.g. its first full state. `afterNext`: behind the next broadcast, as the real server does now and then. */
  greet(socket: Socket, event: string, args: readonly unknown[], afterNext: boolean): void
  /** Nothing goes to this connection any more. */
  silence(socket: Socket): void
  close(): void
}

const ALL = 'feed'
/** A 300 kB frame to 10 connections is some 4 ms of work: between two slices the loop is free. */
const SLICE = 10

/** No connections yet. */
export function openFeed(options: {
  io: Server
  chaos: ChaosOptions
  streamOf: (connection: number) => Stream
  clock: Clock
  onFault: (kind: FaultKind, socket: Socket, event: string, sizeBytes: number) => void
}): Feed {
  const { io, chaos } = options
  const lanes = new Map<Socket, Lane>()
  const players = new Map<Socket, string>()
  const slices = new Map<Socket, number>()
  const behind: { socket: Socket; event: string; args: readonly unknown[] }[] = []
  const disturbed = disturbsFrames(chaos)
  let opened = 0
  let closed = false

  const direct = (socket: Socket, event: string, args: readonly unknown[]): void => {
    const lane = lanes.get(socket)
    if (lane === undefined) socket.emit(event, ...args)
    else lane.send(event, args)
  }
  const inSlices = (event: string, args: readonly unknown[]): void => {
    const rooms = [...new Set(slices.values())].toSorted((a, b) => a - b)
    const next = (): void => {
      const slice = rooms.shift()
      if (slice === undefined || closed) return
      io.to(`${ALL}:${slice}`).emit(event, ...args)
      setImmediate(next)
    }
    next()
  }
  return {
    get size() {
      return slices.size
    },
    add(socket, playerId) {
      const index = opened++
      slices.set(socket, smallestSlice(slices.values()))
      if (playerId !== null) players.set(socket, playerId)
      if (disturbed) {
        lanes.set(
          socket,
          openLane({
            socket,
            chaos,
            stream: options.streamOf(index),
            clock: options.clock,
            onFault: (kind, event, size) => options.onFault(kind, socket, event, size),
          }),
        )
      } else {
        void socket.join([ALL, `${ALL}:${slices.get(socket)}`])
      }
    },
    become: (socket, playerId) => void players.set(socket, playerId),
    remove(socket) {
      lanes.get(socket)?.close()
      lanes.delete(socket)
      players.delete(socket)
      slices.delete(socket)
    },
    send(outgoing) {
      if (closed) return
      const { name } = outgoing.event
      const args = prepare(outgoing.event.args)
      if (outgoing.to === 'player') {
        for (const [socket, playerId] of players) if (playerId === outgoing.playerId) direct(socket, name, args)
        return
      }
      if (disturbed) for (const lane of lanes.values()) lane.send(name, args)
      else if (outgoing.full && slices.size > SLICE) inSlices(name, args)
      else io.to(ALL).emit(name, ...args)
      for (const late of behind.splice(0)) if (slices.has(late.socket)) direct(late.socket, late.event, late.args)
    },
    greet(socket, event, args, afterNext) {
      const prepared = prepare(args)
      if (afterNext) behind.push({ socket, event, args: prepared })
      else direct(socket, event, prepared)
    },
    silence(socket) {
      lanes.get(socket)?.close()
      lanes.set(socket, { send: () => undefined, close: () => undefined })
      players.delete(socket)
      for (const room of [...socket.rooms]) void socket.leave(room)
    },
    close() {
      closed = true
      for (const lane of lanes.values()) lane.close()
    },
  }
}

/** The first slice with room. */
function smallestSlice(taken: Iterable<number>): number {
  const counts: number[] = []
  for (const slice of taken) counts[slice] = (counts[slice] ?? 0) + 1
  const free = counts.findIndex((count) => (count ?? 0) < SLICE)
  return free < 0 ? counts.length : free
}
