export { contextDocuments, type VerdictOf } from './documents/context-document.ts'
export {
  type AnyDocument,
  CODE_KINDS,
  type CodeDocument,
  type CodeKind,
  type DocumentOf,
  type DocumentScope,
  type DocumentSource,
  EVENT_KINDS,
  type EventDocument,
  type EventKind,
  type LoadedScope,
  type NoteDocument,
  type SourceContext,
  TABLES,
  type TableName,
} from './documents/document.ts'
export { DOCUMENTED_EVENTS, type EventChoice, eventDocument } from './documents/event-document.ts'
export { type GameFacts, type GameTick, type GameTrade, gameDocuments } from './documents/game-document.ts'
export { type NotePayload, noteDocument } from './documents/note-document.ts'
export { protocolDocuments, schemaDocument } from './documents/protocol-document.ts'
export { type PayloadShape, payloadShape, shapeDocument } from './documents/shape-document.ts'
export type { StoredEvent } from './documents/stored-event.ts'
export { type Embedder, type EmbedderFacts, type EmbedOptions, fingerprintOf } from './embedder.ts'
export { type EndpointOptions, openEndpointEmbedder } from './embedders/endpoint.ts'
export { DEFAULT_MODEL, ensureModelFolder } from './embedders/model-folder.ts'
export { defaultEmbedder, openTransformersEmbedder, type TransformersOptions } from './embedders/transformers.ts'
export { VectorsError, type VectorsErrorCode } from './errors.ts'
export type { SearchFilter } from './search/filter.ts'
export type { Rank } from './search/fusion.ts'
export type { Weights } from './search/query-words.ts'
export { type Hit, type HitReference, SEARCH_MODES, type SearchMode, type SearchRequest } from './search/search.ts'
export type { Snippet } from './search/snippet.ts'
export type { SyncProgress, SyncReport } from './sync.ts'
export {
  type Freshness,
  openVectorIndex,
  type SearchAnswer,
  type SyncOptions,
  type TableStatus,
  type VectorIndex,
  type VectorIndexOptions,
  vectorsDir,
} from './vector-index.ts'
