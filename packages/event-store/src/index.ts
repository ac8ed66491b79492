export {
  type CatalogReader,
  type FileMeta,
  type GameSpan,
  type GapMeta,
  listFiles,
  openCatalog,
  type RetentionEntry,
  type SessionMeta,
} from './catalog.ts'
export { COLUMNS, type ColumnName, type ColumnType, SCHEMA_VERSION } from './columns.ts'
export { type BackgroundCompaction, type BackgroundCompactionOptions, startCompaction } from './compaction/background.ts'
export { type CompactedPartition, type CompactOptions, type CompactReport, compactStore } from './compaction/compact.ts'
export { type PlanFile, type PlannedMerge, type PlanOptions, planCompaction } from './compaction/plan.ts'
export { type PrunedPartition, type PruneOptions, type PruneReport, pruneStore } from './compaction/prune.ts'
export {
  COMPLETE,
  COMPLETENESS_CODES,
  type Completeness,
  type CompletenessCode,
  type CompletenessReason,
  completenessOf,
} from './completeness.ts'
export { type MotherDuckOptions, motherDuckAttach } from './engines/motherduck-attach.ts'
export type { EngineChoice, EngineStatus, ProbeResult, RemoteQueryOptions, RemoteSql } from './engines/remote-sql.ts'
export { type Env, systemEnv } from './env.ts'
export { EventStoreError, STORE_ERROR_CODES, type StoreErrorCode } from './errors.ts'
export type { DirectoryEntry, FileStat, FsPort } from './fs-port.ts'
export { type BackgroundScrub, type BackgroundScrubOptions, startScrub } from './integrity/background-scrub.ts'
export type { FileProblem } from './integrity/check-memory.ts'
export type { CheckMode } from './integrity/file-check.ts'
export { type ScrubFinding, type ScrubOptions, type ScrubProgress, type ScrubReport, scrubStore } from './integrity/scrub.ts'
export { type LiveSession, liveSessions } from './live-sessions.ts'
export { type RecoverStoreOptions, recoverStore } from './materializer.ts'
export { type LocalObjectsOptions, localObjects } from './objects/local-objects.ts'
export { type Manifest, type MirrorFile, type MirrorReceipt, newestManifest } from './objects/manifest.ts'
export { mirrorSql } from './objects/mirror-sql.ts'
export {
  type ByteRange,
  bodyOf,
  type ObjectBody,
  type ObjectCall,
  type ObjectInfo,
  type ObjectStore,
  readObject,
} from './objects/object-store.ts'
export { type PullOptions, type PullReport, pullStore } from './objects/pull.ts'
export { type PushOptions, type PushReport, pushStore } from './objects/push.ts'
export { type S3ObjectsOptions, s3Objects } from './objects/s3-objects.ts'
export type { EncoderName, EncodeSource, PartEncoder, PartFooter, PartLine, PartPlan, PartScan } from './part-encoder.ts'
export { type StorePaths, storePaths } from './paths.ts'
export { type DiskProbe, probeDisk } from './probe-disk.ts'
export type { AnalysisView } from './query/analysis/analysis-view.ts'
export { ANALYSIS, ANALYSIS_VIEWS, TABLE_FUNCTIONS } from './query/analysis/catalogue.ts'
export { type ArrowResult, toArrowTable } from './query/arrow.ts'
export type { Column, SqlParam, SqlParams } from './query/duckdb.ts'
export { encodeCell, encodeRecord, type JsonValue } from './query/encode.ts'
export { openQuery, type QueryEngine, type QueryOptions, type SqlAnswer, type SqlOptions } from './query/engine.ts'
export { QUERY_ERROR_CODES, QueryError, type QueryErrorCode } from './query/errors.ts'
export type { Cursor, EventFilter, EventRow } from './query/events.ts'
export { EXPORT_FORMATS, type ExportFormat, type ExportOptions, type ExportResult } from './query/export.ts'
export type { FileSnapshot, FileSource, HotRows, PartRef } from './query/file-source.ts'
export {
  displayWidth,
  FORMATS,
  type Format,
  formatResult,
  printable,
  type TableOptions,
  type Tabular,
  toCsv,
  toJson,
  toNdjson,
  toObjects,
  toTable,
} from './query/format.ts'
export type { Game, GameFilter, Incompleteness } from './query/games.ts'
export type { ReadOptions } from './query/reader.ts'
export type { Reading } from './query/reading.ts'
export type { SqlResult } from './query/sandbox.ts'
export type { Session } from './query/sessions.ts'
export type { Tick, TickFilter } from './query/ticks.ts'
export { isoMicros } from './query/timestamps.ts'
export type { Trade, TradeFilter } from './query/trades.ts'
export { VIEW_COLUMNS, VIEWS } from './query/views.ts'
export { rebuildCatalog } from './rebuild.ts'
export type { RecoveryReport } from './recovery.ts'
export { openEventStore } from './store.ts'
export type {
  EventStore,
  EventStoreOptions,
  FlushOptions,
  OpenedSession,
  SessionInfo,
  StoreFault,
  StoreFlush,
  StoreStats,
} from './store-api.ts'
export type { FindingKind, VerifyFinding, VerifyReport } from './verification.ts'
export { type VerifyOptions, verifyStore } from './verify.ts'
