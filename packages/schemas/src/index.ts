export {
  ACKS,
  type AckDefinition,
  type AckedRequestName,
  type AckPayload,
  ackDefinition,
  type OpaqueAck,
  type OrderAck,
  opaqueAckSchema,
  orderAckSchema,
  type SidebetAck,
  sidebetAckSchema,
} from './ack-map.ts'
export { type SplitArguments, type SplitOptions, splitArguments, type TraceContext } from './arguments.ts'
export { Decimal, type DecimalFit, decimal, decimalText, fitsScale, isNumeral, roundToScale, toDecimal } from './decimal.ts'
export {
  type Decoded,
  type DecodedAck,
  type DecodedEvent,
  decodeAck,
  decodeEvent,
  type EventFacts,
  type KnownAck,
  type KnownEvent,
  type RawEvent,
  type UnknownAck,
  type UnknownEvent,
} from './decode.ts'
export type { CancelTimer, Clock, Micros, Random } from './env.ts'
export {
  type AckedRequest,
  DIRECTIONS,
  type Direction,
  DOC_TYPES,
  type DocType,
  type EventEnvelope,
  type EventSource,
  type SchemaIssue,
  SOURCES,
} from './envelope.ts'
export { type ErrorContext, SchemasError, type SchemasErrorCode, VectraError } from './errors.ts'
export { EVENTS, type EventDefinition, type EventName, type EventPayload, eventDefinition, type Projection } from './event-map.ts'
export { type EventShape, eventShape, type JsonKind, jsonKind } from './event-shape.ts'
export { type Authenticate, authenticateSchema } from './events/authenticate.ts'
export { type BattleEventQueueUpdate, battleEventQueueUpdateSchema } from './events/battle-event-queue-update.ts'
export { type BattleEventUpdate, battleEventUpdateSchema } from './events/battle-event-update.ts'
export { type BuyOrder, buyOrderSchema } from './events/buy-order.ts'
export { type ChatHistory, chatHistorySchema } from './events/chat-history.ts'
export { type CheckUsername, checkUsernameSchema } from './events/check-username.ts'
export { type CurrentSidebet, currentSidebetSchema } from './events/current-sidebet.ts'
export { type CurrentSidebetResult, currentSidebetResultSchema } from './events/current-sidebet-result.ts'
export { type DiddyPartyUpdate, diddyPartyUpdateSchema } from './events/diddy-party-update.ts'
export { type GameNotification, gameNotificationSchema } from './events/game-notification.ts'
export { type GameStatePlayerUpdate, gameStatePlayerUpdateSchema } from './events/game-state-player-update.ts'
export { type GameStateUpdate, gameStateUpdateSchema } from './events/game-state-update.ts'
export { type GetLeaderboard, getLeaderboardSchema } from './events/get-leaderboard.ts'
export { type GetPlayerCosmetics, getPlayerCosmeticsSchema } from './events/get-player-cosmetics.ts'
export {
  type GetPlayerLeaderboardPosition,
  getPlayerLeaderboardPositionSchema,
} from './events/get-player-leaderboard-position.ts'
export { type GlobalSidebets, globalSidebetsSchema } from './events/global-sidebets.ts'
export { type GodCandle50xUpdate, godCandle50xUpdateSchema } from './events/god-candle-50x-update.ts'
export { type GoldenHourDrawing, goldenHourDrawingSchema } from './events/golden-hour-drawing.ts'
export { type GoldenHourUpdate, goldenHourUpdateSchema } from './events/golden-hour-update.ts'
export { type InboxMessages, inboxMessagesSchema } from './events/inbox-messages.ts'
export { type Leaderboard, leaderboardSchema } from './events/leaderboard.ts'
export { type LeaderboardData, leaderboardDataSchema } from './events/leaderboard-data.ts'
export { type MaintenanceUpdate, maintenanceUpdateSchema } from './events/maintenance-update.ts'
export { type MutedPlayers, mutedPlayersSchema } from './events/muted-players.ts'
export { type NewChatMessage, newChatMessageSchema } from './events/new-chat-message.ts'
export { type NewSideBet, newSideBetSchema } from './events/new-sidebet.ts'
export { type NewTrade, newTradeSchema } from './events/new-trade.ts'
export { type Ping, pingSchema } from './events/ping.ts'
export { type PinpointPartyEventUpdate, pinpointPartyEventUpdateSchema } from './events/pinpoint-party-event-update.ts'
export { type PlayerCosmetics, playerCosmeticsSchema } from './events/player-cosmetics.ts'
export { type PlayerLeaderboardPosition, playerLeaderboardPositionSchema } from './events/player-leaderboard-position.ts'
export { type PlayerUpdate, playerUpdateSchema } from './events/player-update.ts'
export { type RequestSidebet, requestSidebetSchema } from './events/request-sidebet.ts'
export { type RugPool, rugPoolSchema } from './events/rug-pool.ts'
export { type RugRoyaleUpdate, rugRoyaleUpdateSchema } from './events/rug-royale-update.ts'
export { type RugpassQuestCompleted, rugpassQuestCompletedSchema } from './events/rugpass-quest-completed.ts'
export { type RugpassStatus, rugpassStatusSchema } from './events/rugpass-status.ts'
export { type RugpoolDrawing, rugpoolDrawingSchema } from './events/rugpool-drawing.ts'
export { type RugpoolStatus, rugpoolStatusSchema } from './events/rugpool-status.ts'
export { type SellOrder, sellOrderSchema } from './events/sell-order.ts'
export { type SidebetRequest, sidebetRequestSchema } from './events/sidebet.ts'
export { type SidebetEventUpdate, sidebetEventUpdateSchema } from './events/sidebet-event-update.ts'
export { type UsernameStatus, usernameStatusSchema } from './events/username-status.ts'
export { type ExactJson, NumberLiteral, parseExact, stringifyExact } from './exact-json.ts'
export { type ExactView, exactView, type JsonPath } from './exact-view.ts'
export { MAX_ISSUES } from './issues.ts'
export { literalAt, numbersAt } from './json-scanner.ts'
export { PHASES, type Phase, phaseOf } from './phase.ts'
export {
  checkRecordedGameLine,
  type RecordedGameEnd,
  type RecordedGameLine,
  type RecordedGameStart,
  type RecordedTick,
  recordedGameEndSchema,
  recordedGameLineSchema,
  recordedGameStartSchema,
  recordedTickSchema,
} from './recorded-game.ts'
export { type Coin, coinSchema } from './shapes/coin.ts'
export { type Candle, candleSchema, type FinishedGame, finishedGameSchema } from './shapes/finished-game.ts'
export {
  type LeaderboardEntry,
  leaderboardEntrySchema,
  type ShortPosition,
  shortPositionSchema,
} from './shapes/leaderboard-entry.ts'
export { type Rugpool, rugpoolSchema } from './shapes/rugpool.ts'
export {
  type RunningSidebet,
  runningSidebetSchema,
  type Sidebet,
  type SidebetRecord,
  sidebetRecordSchema,
  sidebetSchema,
} from './shapes/sidebet.ts'
export {
  type EventConfig,
  type EventStanding,
  eventConfigSchema,
  eventStandingSchema,
  type FinishedEvent,
  finishedEventSchema,
  type TimedEvent,
  timedEventSchema,
} from './shapes/timed-event.ts'
export {
  checkSystemEvent,
  isSystemEventName,
  SYSTEM_EVENTS,
  type SystemEventName,
  type SystemEventPayload,
} from './system-events.ts'
