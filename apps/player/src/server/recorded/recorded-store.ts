import { type FileMeta, listFiles, openQuery, type QueryEngine } from '@vectra/event-store'
import { PlayerError } from '../../errors.ts'

/** Recorded data of one data directory: opened when first asked for, closed with the server. */
export interface RecordedStore {
  readonly dir: string
  /** The engine; acknowledged rows that are only in the journal yet are seen, too. */
  query(): Promise<QueryEngine>
  files(): readonly FileMeta[]
  close(): Promise<void>
}

/** A data directory as a {@link RecordedStore}. It need not exist yet. @throws PlayerError PLAYER_NO_DATA without one */
export function recordedStore(dir: string | null): RecordedStore {
  let opened: Promise<QueryEngine> | undefined
  const known = (): string => {
    if (dir === null) throw new PlayerError('PLAYER_NO_DATA', 'this page was started without a data directory', { context: {} })
    return dir
  }
  return {
    get dir() {
      return known()
    },
    query() {
      if (opened === undefined) {
        const opening = openQuery({ dir: known(), fresh: true, maxRows: 10_000, timeoutMs: 30_000, memoryLimit: '1GB' })
        opened = opening
        // What failed once may go well when it is asked again.
        opening.catch(() => {
          if (opened === opening) opened = undefined
        })
      }
      return opened
    },
    files: () => listFiles(known()),
    async close() {
      const engine = await opened?.catch(() => undefined)
      await engine?.close()
    },
  }
}
