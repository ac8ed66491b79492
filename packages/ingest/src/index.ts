export { type BackoffOptions, backoffDelay } from './backoff.ts'
export type { BalanceLine, BalanceSheet } from './balance.ts'
export { EventBus, type SubscribeOptions, type SubscriberStats, type Subscription } from './bus.ts'
export { systemClock, systemRandom } from './env.ts'
export { IngestError, type IngestErrorCode } from './errors.ts'
export type { FormatName } from './formats/format.ts'
export type { CaptureContent } from './formats/lines.ts'
export {
  type DecodedFrame,
  decodeFrame,
  type EngineType,
  eventFrameText,
  FrameDecoder,
  frameText,
  MAX_ATTACHMENTS,
} from './frame.ts'
export type { SocketType } from './frame-prefix.ts'
export type { Gap } from './gap.ts'
export { createPipeline, type Pipeline, type PipelineOptions, type PipelineSummary } from './ingest.ts'
export { type LiveUpdate, liveState, reduceLiveState } from './live/live-state.ts'
export { UNKNOWN_AFTER_US } from './live/orders.ts'
export {
  type ConnectionState,
  emptyLiveState,
  type LiveCandle,
  type LiveConnection,
  type LiveGame,
  type LiveIdentity,
  type LiveLeaderboard,
  type LiveOrder,
  type LivePlayer,
  type LiveState,
  type LiveTrade,
  ORDERS_KEPT,
  type OrderStatus,
  type Provenance,
  type ServerNumber,
  TICKS_PER_CANDLE,
  TRADES_KEPT,
} from './live/state.ts'
export { type BrowserOrders, type BrowserOrdersOptions, browserOrders } from './orders/browser/browser-orders.ts'
export { type PageControls, SITE_CONTROLS } from './orders/browser/page-script.ts'
export { type DirectOrders, type DirectOrdersOptions, directOrders } from './orders/direct/direct-orders.ts'
export type {
  OrderControl,
  OrderControlStatus,
  OrderGateway,
  OrderKind,
  OrderLimits,
  OrderPhase,
  OrderReason,
  OrderRequest,
  OrderState,
  SellPercentage,
} from './orders/order-gateway.ts'
export { plainAddress, type Redacted, redactFrame, redactionMark } from './redact.ts'
export { ReplayControl, type ReplayControlOptions } from './replay/control.ts'
export type { Speed } from './replay/pace.ts'
export { type ReplayRecord, type ReplayRecords, replayRecords } from './replay/records.ts'
export { type ReplayEventsOptions, replayEvents } from './replay/replay-events.ts'
export { type ReplayServer, type ServeReplayOptions, serveReplay } from './replay/serve-replay.ts'
export { sessionIdAt } from './session-id.ts'
export type { EventSink, OpenedSession, SessionInfo } from './sink.ts'
export type {
  BrokenLine,
  ConnectionStatus,
  Details,
  GapCause,
  ImportedRecord,
  MemberShare,
  RawFrame,
  Source,
  SourceItem,
} from './source.ts'
export { type CdpOptions, cdpSource } from './sources/cdp/cdp.ts'
export { assertLoopback, type CdpTransport, connectDevTools, findDevTools, pipeDevTools } from './sources/cdp/transport.ts'
export { detectFormat, type ImportOptions, type ImportSource, importFile } from './sources/import.ts'
export { type PublicWsOptions, publicWsSource } from './sources/public-ws.ts'
export { type RedundantOptions, type RedundantSource, redundantSource } from './sources/redundant.ts'
export { type ReplaySourceOptions, replaySource } from './sources/replay.ts'
export { type UiAction, type UiSource, type UiSourceOptions, uiSource } from './sources/ui.ts'
export type { RevealedGame, SeedPath } from './watch/backfill.ts'
