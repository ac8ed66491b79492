import { z } from 'zod'
import type { EventDefinition, Projection } from './event-map.ts'
import { sidebetSchema } from './shapes/sidebet.ts'
import { price, unixMs } from './wire.ts'

/**
 * Ack of an order. Successes are captured; failures are not, so any of `error`, `message`, `reason` may say why.
 *
 * @see domain/events.md section 5.7
 */
export const orderAckSchema = z.looseObject({
  success: z.boolean(),
  error: z.unknown().optional(),
  message: z.string().nullable().optional(),
  reason: z.string().nullable().optional(),
  /** Documented, never seen. */
  executedPrice: price.nullable().optional(),
  /** Documented, never seen. */
  timestamp: unixMs.nullable().optional(),
})
export type OrderAck = z.infer<typeof orderAckSchema>

/** Ack of `requestSidebet`: with the bet when it was placed. */
export const sidebetAckSchema = orderAckSchema.extend({ sidebet: sidebetSchema.nullable().optional() })
export type SidebetAck = z.infer<typeof sidebetAckSchema>

/** Ack of a request whose results are empty (`ping`) or were never captured: anything is accepted and kept. */
export const opaqueAckSchema = z.unknown()
export type OpaqueAck = z.infer<typeof opaqueAckSchema>

/** What is known of the ack of one request. */
export interface AckDefinition<Schema extends z.ZodType = z.ZodType> {
  /** Event name of the request. */
  readonly request: string
  readonly schema: Schema
  readonly projection: Extract<Projection, 'player_action' | null>
  readonly payload: EventDefinition['payload']
}

function order<Schema extends z.ZodType>(request: string, schema: Schema): AckDefinition<Schema> {
  return Object.freeze({ request, schema, projection: 'player_action', payload: 'required' })
}

function opaque(request: string): AckDefinition<typeof opaqueAckSchema> {
  return Object.freeze({ request, schema: opaqueAckSchema, projection: null, payload: 'optional' })
}

/** Request name → schema of its ack. Has no prototype. Requests that are not here have acks of unknown shape. */
export const ACKS = Object.freeze(
  Object.assign(Object.create(null) as object, {
    buyOrder: order('buyOrder', orderAckSchema),
    sellOrder: order('sellOrder', orderAckSchema),
    requestSidebet: order('requestSidebet', sidebetAckSchema),
    sidebet: { ...order('sidebet', orderAckSchema), projection: null },
    ping: opaque('ping'),
    authenticate: opaque('authenticate'),
    checkUsername: opaque('checkUsername'),
    chatHistory: opaque('chatHistory'),
    getPlayerCosmetics: opaque('getPlayerCosmetics'),
    getLeaderboard: opaque('getLeaderboard'),
    getPlayerLeaderboardPosition: opaque('getPlayerLeaderboardPosition'),
  }),
)

/** Requests whose ack is known. */
export type AckedRequestName = keyof typeof ACKS

/** Payload of an ack by the name of its request. */
export type AckPayload<Name extends AckedRequestName> = z.infer<(typeof ACKS)[Name]['schema']>

/** Definition of the ack of any request; undefined for requests not in the protocol. */
export function ackDefinition(request: string): AckDefinition | undefined {
  return (ACKS as Readonly<Record<string, AckDefinition>>)[request]
}
