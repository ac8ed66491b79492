import { createHash } from 'node:crypto'
import { type FileMeta, listFiles } from '@vectra/event-store'

/** Short hash of any JSON. */
export function shortHash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)
}

/** What the store holds right now, as a hash of its list of files. Costs one query of the catalog. */
export function storeStamp(dataDir: string, wanted: (file: FileMeta) => boolean = () => true): string {
  return shortHash(
    listFiles(dataDir)
      .filter(wanted)
      .map((file) => [file.path, file.rows])
      .sort(),
  )
}
