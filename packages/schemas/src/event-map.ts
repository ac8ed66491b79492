import type { z } from 'zod'
import { authenticateSchema } from './events/authenticate.ts'
import { battleEventQueueUpdateSchema } from './events/battle-event-queue-update.ts'
import { battleEventUpdateSchema } from './events/battle-event-update.ts'
import { buyOrderSchema } from './events/buy-order.ts'
import { chatHistorySchema } from './events/chat-history.ts'
import { checkUsernameSchema } from './events/check-username.ts'
import { currentSidebetSchema } from './events/current-sidebet.ts'
import { currentSidebetResultSchema } from './events/current-sidebet-result.ts'
import { diddyPartyUpdateSchema } from './events/diddy-party-update.ts'
import { gameNotificationSchema } from './events/game-notification.ts'
import { gameStatePlayerUpdateSchema } from './events/game-state-player-update.ts'
import { gameStateUpdateSchema } from './events/game-state-update.ts'
import { getLeaderboardSchema } from './events/get-leaderboard.ts'
import { getPlayerCosmeticsSchema } from './events/get-player-cosmetics.ts'
import { getPlayerLeaderboardPositionSchema } from './events/get-player-leaderboard-position.ts'
import { globalSidebetsSchema } from './events/global-sidebets.ts'
import { godCandle50xUpdateSchema } from './events/god-candle-50x-update.ts'
import { goldenHourDrawingSchema } from './events/golden-hour-drawing.ts'
import { goldenHourUpdateSchema } from './events/golden-hour-update.ts'
import { inboxMessagesSchema } from './events/inbox-messages.ts'
import { leaderboardSchema } from './events/leaderboard.ts'
import { leaderboardDataSchema } from './events/leaderboard-data.ts'
import { maintenanceUpdateSchema } from './events/maintenance-update.ts'
import { mutedPlayersSchema } from './events/muted-players.ts'
import { newChatMessageSchema } from './events/new-chat-message.ts'
import { newSideBetSchema } from './events/new-sidebet.ts'
import { newTradeSchema } from './events/new-trade.ts'
import { pingSchema } from './events/ping.ts'
import { pinpointPartyEventUpdateSchema } from './events/pinpoint-party-event-update.ts'
import { playerCosmeticsSchema } from './events/player-cosmetics.ts'
import { playerLeaderboardPositionSchema } from './events/player-leaderboard-position.ts'
import { playerUpdateSchema } from './events/player-update.ts'
import { requestSidebetSchema } from './events/request-sidebet.ts'
import { rugPoolSchema } from './events/rug-pool.ts'
import { rugRoyaleUpdateSchema } from './events/rug-royale-update.ts'
import { rugpassQuestCompletedSchema } from './events/rugpass-quest-completed.ts'
import { rugpassStatusSchema } from './events/rugpass-status.ts'
import { rugpoolDrawingSchema } from './events/rugpool-drawing.ts'
import { rugpoolStatusSchema } from './events/rugpool-status.ts'
import { sellOrderSchema } from './events/sell-order.ts'
import { sidebetRequestSchema } from './events/sidebet.ts'
import { sidebetEventUpdateSchema } from './events/sidebet-event-update.ts'
import { usernameStatusSchema } from './events/username-status.ts'

/** The doc_type that also gets a narrow typed row of the event; null when the `ws_event` row is all. */
export type Projection = 'game_tick' | 'server_state' | 'player_action' | null

/** What is known of one event name. */
export interface EventDefinition<Name extends string = string, Schema extends z.ZodType = z.ZodType> {
  readonly name: Name
  readonly schema: Schema
  readonly projection: Projection
  /** `both`: the same name is a request and its answering event. */
  readonly direction: 'received' | 'sent' | 'both'
  /** Only seen on connections of a logged-in player. */
  readonly auth: boolean
  /** Carries a trace as first argument since Dec 2025. Decoding looks at the arguments, not at this. */
  readonly traced: boolean
  /**
   * Whether the event has a payload: `required` (its absence is a schema issue, unless the trace stands alone, as recorders
   * that lost the payload left it) or `optional`.
   */
  readonly payload: 'required' | 'optional'
  /** `captured` in frames we hold, `transcript` in a human's transcript, `statistics` of others, `documented` and never seen. */
  readonly evidence: 'captured' | 'transcript' | 'statistics' | 'documented'
}

type Facts = Partial<Pick<EventDefinition, 'projection' | 'direction' | 'auth' | 'traced' | 'payload' | 'evidence'>>

function define<const Name extends string, Schema extends z.ZodType>(
  name: Name,
  schema: Schema,
  facts: Facts = {},
): { readonly [K in Name]: EventDefinition<Name, Schema> } {
  const definition: EventDefinition<Name, Schema> = {
    name,
    schema,
    projection: null,
    direction: 'received',
    auth: false,
    traced: true,
    payload: 'required',
    evidence: 'captured',
    ...facts,
  }
  return { [name]: Object.freeze(definition) } as { readonly [K in Name]: EventDefinition<Name, Schema> }
}

function withoutPrototype<T extends object>(members: T): Readonly<T> {
  return Object.freeze(Object.assign(Object.create(null) as object, members) as T)
}

const state = { projection: 'server_state', auth: true } as const
const order = { projection: 'player_action', direction: 'sent', auth: true, evidence: 'transcript' } as const
const request = { direction: 'sent', auth: true } as const
const unknown = { payload: 'optional' } as const

/**
 * Every event name of the protocol: name → schema, doc_type of the projection, direction, auth.
 *
 * Has no prototype, so `EVENTS[anyText]` is safe. A name that is not here is stored all the same (`known: false`).
 *
 * @see domain/events.md sections 4–6
 */
export const EVENTS = withoutPrototype({
  ...define('gameStateUpdate', gameStateUpdateSchema, { projection: 'game_tick', traced: false }),
  ...define('playerUpdate', playerUpdateSchema, { ...state, traced: false }),
  ...define('gameStatePlayerUpdate', gameStatePlayerUpdateSchema, { ...state, traced: false }),
  ...define('usernameStatus', usernameStatusSchema, state),
  ...define('playerLeaderboardPosition', playerLeaderboardPositionSchema, state),
  ...define('currentSidebet', currentSidebetSchema, { auth: true, evidence: 'transcript' }),
  ...define('currentSidebetResult', currentSidebetResultSchema, { auth: true, evidence: 'transcript' }),
  ...define('standard/newTrade', newTradeSchema),
  ...define('newTrade', newTradeSchema, { traced: false, evidence: 'transcript' }),
  ...define('newSideBet', newSideBetSchema, { evidence: 'transcript' }),
  ...define('newChatMessage', newChatMessageSchema),
  ...define('goldenHourUpdate', goldenHourUpdateSchema),
  ...define('goldenHourDrawing', goldenHourDrawingSchema),
  ...define('rugRoyaleUpdate', rugRoyaleUpdateSchema, { traced: false }),
  ...define('sidebetEventUpdate', sidebetEventUpdateSchema),
  ...define('battleEventUpdate', battleEventUpdateSchema),
  ...define('maintenanceUpdate', maintenanceUpdateSchema),
  ...define('gameNotification', gameNotificationSchema, { evidence: 'statistics' }),
  ...define('rugpassQuestCompleted', rugpassQuestCompletedSchema, { auth: true, evidence: 'statistics' }),
  ...define('rugPassQuestCompleted', rugpassQuestCompletedSchema, { auth: true, evidence: 'statistics' }),
  ...define('rugpassStatus', rugpassStatusSchema, { ...unknown, auth: true }),
  ...define('playerCosmetics', playerCosmeticsSchema, { ...unknown, auth: true }),
  ...define('mutedPlayers', mutedPlayersSchema, { ...unknown, auth: true }),
  ...define('inboxMessages', inboxMessagesSchema, { ...unknown, auth: true }),
  ...define('chatHistory', chatHistorySchema, { ...unknown, auth: true, direction: 'both' }),
  ...define('leaderboardData', leaderboardDataSchema, { ...unknown, auth: true }),
  ...define('pinpointPartyEventUpdate', pinpointPartyEventUpdateSchema, { ...unknown, evidence: 'statistics' }),
  ...define('diddyPartyUpdate', diddyPartyUpdateSchema, { ...unknown, evidence: 'statistics' }),
  ...define('rugpoolDrawing', rugpoolDrawingSchema, { ...unknown, evidence: 'statistics' }),
  ...define('rugpoolStatus', rugpoolStatusSchema, { ...unknown, evidence: 'statistics' }),
  ...define('rugPool', rugPoolSchema, { ...unknown, evidence: 'documented' }),
  ...define('leaderboard', leaderboardSchema, { ...unknown, evidence: 'documented' }),
  ...define('battleEventQueueUpdate', battleEventQueueUpdateSchema, { ...unknown, evidence: 'documented' }),
  ...define('godCandle50xUpdate', godCandle50xUpdateSchema, { ...unknown, evidence: 'documented' }),
  ...define('globalSidebets', globalSidebetsSchema, { ...unknown, evidence: 'documented' }),
  ...define('buyOrder', buyOrderSchema, order),
  ...define('sellOrder', sellOrderSchema, { ...order, evidence: 'documented' }),
  ...define('requestSidebet', requestSidebetSchema, order),
  ...define('sidebet', sidebetRequestSchema, { ...request, evidence: 'documented' }),
  ...define('ping', pingSchema, { ...request, traced: false, payload: 'optional', evidence: 'transcript' }),
  ...define('authenticate', authenticateSchema, { ...request, payload: 'optional' }),
  ...define('checkUsername', checkUsernameSchema, { ...request, payload: 'optional' }),
  ...define('getPlayerCosmetics', getPlayerCosmeticsSchema, { ...request, payload: 'optional' }),
  ...define('getLeaderboard', getLeaderboardSchema, { ...request, traced: false, payload: 'optional' }),
  ...define('getPlayerLeaderboardPosition', getPlayerLeaderboardPositionSchema, {
    ...request,
    traced: false,
    payload: 'optional',
  }),
})

/** Names of `EVENTS`. */
export type EventName = keyof typeof EVENTS

/** Payload of an event by its name, e.g. `EventPayload<'standard/newTrade'>`. */
export type EventPayload<Name extends EventName> = z.infer<(typeof EVENTS)[Name]['schema']>

/** Definition of any name; undefined for names not in the protocol. */
export function eventDefinition(name: string): EventDefinition | undefined {
  return (EVENTS as Readonly<Record<string, EventDefinition>>)[name]
}
