export {
  type CatalogReader,
  type FileMeta,
  type GapMeta,
  listFiles,
  openCatalog,
  type SessionMeta,
} from './catalog.ts'
export { COLUMNS, type ColumnName, type ColumnType, SCHEMA_VERSION } from './columns.ts'
export { type Env, systemEnv } from './env.ts'
export { EventStoreError, STORE_ERROR_CODES, type StoreErrorCode } from './errors.ts'
export type { DirectoryEntry, FileStat, FsPort } from './fs-port.ts'
export { type StorePaths, storePaths } from './paths.ts'
