import { type CatalogReader, type FileMeta, openCatalog } from '../catalog.ts'
import type { Env } from '../env.ts'
import { EventStoreError } from '../errors.ts'
import { takeLease } from '../leases.ts'
import { storePaths } from '../paths.ts'

/** What a query needs to know of a part file; the bounds let helpers leave out files that cannot matter. */
export type PartRef = Pick<FileMeta, 'absolutePath' | 'docType' | 'date'> &
  Partial<Pick<FileMeta, 'sessionId' | 'seqFirst' | 'seqLast' | 'tsMin' | 'tsMax' | 'rows'>>

/** An explicit list of files: what one query reads, whatever flush and compaction do meanwhile (P5). */
export interface FileSnapshot extends Disposable {
  readonly generation: number
  readonly files: readonly PartRef[]
}

/** Where the list of live part files comes from. Production: the catalog. Tests: an array. */
export interface FileSource {
  /** Cheap; asked before every query. Equal numbers mean equal lists. */
  generation(): number
  /** Pins the current list until it is disposed. */
  snapshot(): FileSnapshot
  close(): void
}

/**
 * The catalog of a data directory as a {@link FileSource}; a directory without one is an empty store until it appears.
 *
 * The catalog file is opened once, and again when another file takes its place (a rebuild). Parts without a catalog are an error
 * (STORE_CATALOG), not an empty answer.
 */
export function catalogSource(dir: string, env: Env): FileSource {
  const { catalog: file, events } = storePaths(dir)
  let reader: CatalogReader | undefined
  let inode = -1
  let epoch = 0

  const assertNothingStored = (): void => {
    if (env.fs.stat(events) === undefined || env.fs.readdir(events).length === 0) return
    throw new EventStoreError(
      'STORE_CATALOG',
      `${events} holds parts, but there is no catalog to say which; run: vectra store recover`,
      {
        context: { path: file, missing: true },
      },
    )
  }

  const current = (): CatalogReader | undefined => {
    const found = env.fs.stat(file)
    if (found === undefined || found.inode !== inode) {
      reader?.close()
      reader = undefined
      if (found === undefined) {
        if (inode !== -1) epoch++
        inode = -1
        assertNothingStored()
        return undefined
      }
      reader = openCatalog(dir)
      inode = found.inode
      epoch++
    }
    return reader
  }

  // A rebuilt catalog may count from the start: the epoch keeps its numbers apart from the old one's.
  const stamp = (generation: number): number => epoch * 2 ** 40 + generation

  return {
    generation: () => {
      const catalog = current()
      return stamp(catalog?.generation() ?? 0)
    },
    snapshot: () => {
      const catalog = current()
      if (catalog === undefined) return { generation: stamp(0), files: [], [Symbol.dispose]: () => undefined }
      // The lease first: what is retired from here on stays until it is disposed, and the list read next is at least as new.
      const lease = takeLease(env, storePaths(dir), catalog.generation())
      try {
        const { generation, files } = catalog.snapshot()
        return { generation: stamp(generation), files, [Symbol.dispose]: () => lease[Symbol.dispose]() }
      } catch (error) {
        lease[Symbol.dispose]()
        throw error
      }
    },
    close: () => {
      reader?.close()
      reader = undefined
      inode = -1
    },
  }
}
