export { McpError, type McpErrorCode } from './errors.ts'
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
