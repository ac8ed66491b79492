export { type ChromaDocument, type ChromaSource, openChromaMcp } from './clients/chroma.ts'
export { type ChromaHttpOptions, openChromaHttp } from './clients/chroma-http.ts'
export { type LanceClient, type LanceDialect, type LanceHit, lanceDialect, openLance } from './clients/lance.ts'
export {
  type MotherduckClient,
  type MotherduckDialect,
  type MotherduckQuery,
  type MotherduckResult,
  motherduckClient,
  motherduckDialect,
} from './clients/motherduck.ts'
export {
  connectPeer,
  type EraChoice,
  type HttpServer,
  type Peer,
  type PeerAddress,
  type PeerAnswer,
  type PeerOptions,
} from './clients/peer.ts'
export type { StdioServer } from './clients/stdio-transport.ts'
export { type CheckServersOptions, checkServers, type ServerState, type ServerStatus } from './doctor/check.ts'
export {
  type DefinitionPlaces,
  type DefinitionScope,
  type FoundDefinitions,
  findDefinitions,
  redact,
  type ServerDefinition,
} from './doctor/definitions.ts'
export { type InstalledServer, type InstallPlan, planInstall } from './doctor/install.ts'
export { McpError, type McpErrorCode } from './errors.ts'
export {
  type MigratedDocument,
  type MigrationOptions,
  type MigrationReport,
  type MigrationTarget,
  migrateChroma,
} from './migration/migrate-chroma.ts'
export { documentHash, type MigrationFacts, ROUTES, type Route, type Routed, routeDocument } from './migration/route.ts'
export type {
  CallScope,
  ContextDocument,
  ContextPort,
  EventPosition,
  EventRecord,
  EventsPort,
  EventsQuery,
  FairnessRecord,
  GameRecord,
  GamesPort,
  GamesQuery,
  ImpactRecord,
  NoteDraft,
  NotesPort,
  SearchAnswerRecord,
  SearchHit,
  SearchPort,
  SearchQuery,
  SearchTable,
  SqlAnswer,
  SqlPort,
  TableFreshness,
  TradeRecord,
  VectraPorts,
} from './ports.ts'
export { type HttpOptions, type HttpServing, serveVectraHttp } from './server/http.ts'
export { type VectraServerOptions, vectraServer } from './server/server.ts'
export { type Serving, type StdioStreams, serveVectraStdio } from './server/stdio.ts'
export { type SqlEngine, type SqlProcessLimits, serveSqlProcess } from './sql/serve-sql-process.ts'
export { openSqlProcess, type SqlProcess, type SqlProcessOptions } from './sql/sql-process.ts'
