import { type Direction, eventDefinition } from '@vectra/schemas'

/** The player that a received event says is logged in: `usernameStatus`, or `playerUpdate` on a socket that was open before us. */
export function playerIn(name: string, payload: unknown): string | null {
  if ((name !== 'usernameStatus' && name !== 'playerUpdate') || typeof payload !== 'object' || payload === null) return null
  const { id } = payload as { id?: unknown }
  return typeof id === 'string' && id !== '' ? id : null
}

/** Does an event belong to the logged-in player of its connection alone: sent by them, answered to them, or about them? */
export function isOwn(name: string, direction: Direction): boolean {
  return direction === 'sent' || name.startsWith('ack:') || eventDefinition(name)?.auth === true
}
