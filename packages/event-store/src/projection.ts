import { ackDefinition, type EventEnvelope, eventDefinition, type Projection } from '@vectra/schemas'

/** Requests that act for the player, and what `action` says of them. A Map: event names come from the wire. */
export const ORDERS: ReadonlyMap<string, string> = new Map([
  ['buyOrder', 'buy'],
  ['sellOrder', 'sell'],
  ['requestSidebet', 'sidebet'],
])

const ACK = 'ack:'

/**
 * The narrow doc type that an event gets beside its canonical row, or null.
 *
 * Only `ws_event` rows have one: an imported tick is canonical in `game_tick` already.
 */
export function projectionOf(event: Pick<EventEnvelope, 'doc_type' | 'event_name' | 'direction'>): Projection {
  if (event.doc_type !== 'ws_event') return null
  if (event.direction === 'received' && event.event_name.startsWith(ACK))
    return ackDefinition(event.event_name.slice(ACK.length))?.projection ?? null
  const definition = eventDefinition(event.event_name)
  return definition?.direction === event.direction ? definition.projection : null
}
