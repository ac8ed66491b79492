import type { Socket } from 'socket.io'

/** A frame cut off in the middle, as a failing proxy leaves it. The first digit is Socket.IO's; Engine.IO adds its own. */
export const BROKEN_TEXT = '2["gameStateUpdate",{"gameId":"20250101-00000000'

/** Closes the connection under a socket, as a network does: no Socket.IO goodbye, so clients reconnect by themselves. */
export function closeTransport(socket: Socket): void {
  socket.conn.close(true)
}

/**
 * Leaves the connection open but dead: nothing is written any more, not even heartbeats.
 *
 * Only the client's own watchdog can find out. The engine's writer is replaced, since no public switch does this.
 */
export function beHalfOpen(socket: Socket): void {
  const engine = socket.conn as unknown as { sendPacket: (...args: unknown[]) => void }
  engine.sendPacket = () => undefined
}
