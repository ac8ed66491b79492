import { type CatalogReader, type FileMeta, isMissing, openCatalog, type SegmentPlace } from '../catalog.ts'
import type { CompletenessReason } from '../completeness.ts'
import type { Env } from '../env.ts'
import { EventStoreError } from '../errors.ts'
import { takeLease } from '../leases.ts'
import { storePaths } from '../paths.ts'

const UNPUBLISHED = { published: false, earlierEnd: 0, laterStart: Number.POSITIVE_INFINITY } as const

/** What a query needs to know of a part file; the bounds let helpers leave out files that cannot matter. */
export type PartRef = Pick<FileMeta, 'absolutePath' | 'docType' | 'date'> &
  Partial<
    Pick<FileMeta, 'path' | 'bytes' | 'sha256' | 'sessionId' | 'seqFirst' | 'seqLast' | 'tsMin' | 'tsMax' | 'rows' | 'games'>
  > & {
    /** Rows that are only in a journal yet: no file to read, but a table to fill. */
    readonly hot?: HotRows
  }

/** Rows of a journal segment, on their way into a table of the query's own database. */
export interface HotRows {
  /** Names the rows: equal names, equal rows. */
  readonly table: string
  /** The journal's lines, whole and checked, with a newline between them. */
  lines(): string
}

/** An explicit list of files: what one query reads, whatever flush and compaction do meanwhile (P5). */
export interface FileSnapshot extends Disposable {
  readonly generation: number
  readonly files: readonly PartRef[]
  /** Generation of the list of part files alone, where that is another number. */
  readonly stored?: number
  /** What is known to be missing from the files themselves. */
  readonly reasons?: readonly CompletenessReason[]
}

/** Where the list of live part files comes from. Production: the catalog. Tests: an array. */
export interface FileSource {
  /** Cheap; asked before every query. Equal numbers mean equal lists. */
  generation(): number
  /** Pins the current list until it is disposed. */
  snapshot(): FileSnapshot
  close(): void
}

/** A catalog as a {@link FileSource}, which can also say where journal segments stand in the same snapshot. */
export interface CatalogSource extends FileSource {
  snapshot(segments?: readonly Pick<SegmentPlace, 'sessionId' | 'segment'>[]): FileSnapshot & {
    /** One for each segment that was asked for, in order. */
    readonly places: readonly SegmentPlace[]
  }
  /** The catalog itself; `undefined` while there is none. */
  catalog(): CatalogReader | undefined
}

/**
 * The catalog of a data directory as a {@link FileSource}; a directory without one is an empty store until it appears.
 *
 * The catalog file is opened once, and again when another file takes its place (a rebuild). Parts without a catalog are an error
 * (STORE_CATALOG), not an empty answer.
 */
export function catalogSource(dir: string, env: Env): CatalogSource {
  const { catalog: file, events } = storePaths(dir)
  let reader: CatalogReader | undefined
  let inode = -1
  let epoch = 0

  const isStored = (): boolean => env.fs.stat(events) !== undefined && env.fs.readdir(events).length > 0

  const withoutCatalog = (): never => {
    throw new EventStoreError(
      'STORE_CATALOG',
      `${events} holds parts, but there is no catalog to say which; run: vectra store recover`,
      {
        context: { path: file, missing: true },
      },
    )
  }

  /** The catalog; `undefined` while there is none, or somebody is just making it. */
  const opened = (): CatalogReader | undefined => {
    try {
      return openCatalog(dir)
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  const current = (mayWait = true): CatalogReader | undefined => {
    const found = env.fs.stat(file)
    if (reader !== undefined && found?.inode === inode) return reader
    reader?.close()
    reader = undefined
    if (found !== undefined) reader = opened()
    if (reader !== undefined || inode !== -1) epoch++
    inode = reader === undefined || found === undefined ? -1 : found.inode
    if (reader !== undefined || !isStored()) return reader
    // The first recorder may have made it, and its first part, since we looked.
    return mayWait ? current(false) : withoutCatalog()
  }

  // A rebuilt catalog may count from the start: the epoch keeps its numbers apart from the old one's.
  const stamp = (generation: number): number => epoch * 2 ** 40 + generation

  return {
    generation: () => {
      const catalog = current()
      return stamp(catalog?.generation() ?? 0)
    },
    snapshot: (segments = []) => {
      const catalog = current()
      if (catalog === undefined) {
        const places = segments.map(({ sessionId, segment }) => ({ sessionId, segment, ...UNPUBLISHED }))
        return { generation: stamp(0), files: [], places, [Symbol.dispose]: () => undefined }
      }
      // The lease first: what is retired from here on stays until it is disposed, and the list read next is at least as new.
      const lease = takeLease(env, storePaths(dir), catalog.generation())
      try {
        const { generation, files, places } = catalog.look(segments)
        return { generation: stamp(generation), files, places, [Symbol.dispose]: () => lease[Symbol.dispose]() }
      } catch (error) {
        lease[Symbol.dispose]()
        throw error
      }
    },
    catalog: () => current(),
    close: () => {
      reader?.close()
      reader = undefined
      inode = -1
    },
  }
}
