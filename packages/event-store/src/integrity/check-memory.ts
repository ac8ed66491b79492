import { DatabaseSync } from 'node:sqlite'
import type { Micros } from '@vectra/schemas'
import type { FileStat } from '../fs-port.ts'
import type { StorePaths } from '../paths.ts'

/** What is wrong with a file. */
export type FileProblem = 'missing' | 'size' | 'checksum' | 'unreadable'

/** What was found when all of a file's bytes were read. */
export interface Checked {
  /** Relative to the data directory, with `/`. */
  readonly path: string
  /** That the file was compared with. */
  readonly sha256: string
  /** {@link identityOf} the file then. */
  readonly identity: string
  /** Null when it was as it was written. */
  readonly problem: FileProblem | null
  readonly checkedAt: Micros
}

/** What says, without reading a file, that nobody has written to it since. */
export function identityOf(stat: FileStat): string {
  return `${stat.inode}:${stat.size}:${stat.version}`
}

const TABLES = `
  PRAGMA synchronous = OFF;
  CREATE TABLE IF NOT EXISTS checks (
    path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, identity TEXT NOT NULL, problem TEXT, checked_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS passes (started_at INTEGER PRIMARY KEY, finished_at INTEGER) STRICT;
`

/** A pass of a scrub over all files. */
export interface ScrubPass {
  readonly startedAt: Micros
  /** Null while it is not through. */
  readonly finishedAt: Micros | null
}

/**
 * Which files were found good or bad, for all processes of a data directory: `checked.sqlite`.
 *
 * Only a memory. Without it (lost, damaged, a directory that may not be written) files are read again, and nothing else changes:
 * so it is not synced, and every failure of it is silent.
 */
export class CheckMemory {
  readonly #file: string
  #db: DatabaseSync | undefined
  #failed = false
  #seen: unknown
  readonly #known = new Map<string, Checked>()

  constructor(paths: StorePaths) {
    this.#file = paths.checks
  }

  /** What was known of the file at the last {@link refresh}, whoever looked at it. */
  get(path: string): Checked | undefined {
    return this.#known.get(path)
  }

  all(): readonly Checked[] {
    this.refresh()
    return [...this.#known.values()]
  }

  put(entries: readonly Checked[]): void {
    for (const entry of entries) this.#known.set(entry.path, entry)
    this.#attempt((db) => {
      db.exec('BEGIN IMMEDIATE')
      const put = db.prepare('INSERT OR REPLACE INTO checks VALUES (?, ?, ?, ?, ?)')
      for (const { path, sha256, identity, problem, checkedAt } of entries) put.run(path, sha256, identity, problem, checkedAt)
      db.exec('COMMIT')
    })
  }

  /** Keeps nothing of files that are not among these. */
  keepOnly(paths: ReadonlySet<string>): void {
    const gone = this.all().filter((entry) => !paths.has(entry.path))
    if (gone.length === 0) return
    for (const { path } of gone) this.#known.delete(path)
    this.#attempt((db) => {
      db.exec('BEGIN IMMEDIATE')
      const remove = db.prepare('DELETE FROM checks WHERE path = ?')
      for (const { path } of gone) remove.run(path)
      db.exec('COMMIT')
    })
  }

  /** The last pass of a scrub. */
  lastPass(): ScrubPass | undefined {
    const row = this.#attempt((db) => db.prepare('SELECT * FROM passes ORDER BY started_at DESC LIMIT 1').get())
    if (row === undefined) return undefined
    return { startedAt: Number(row['started_at']), finishedAt: row['finished_at'] === null ? null : Number(row['finished_at']) }
  }

  putPass({ startedAt, finishedAt }: ScrubPass): void {
    this.#attempt((db) => {
      db.prepare('INSERT OR REPLACE INTO passes VALUES (?, ?)').run(startedAt, finishedAt)
      db.prepare('DELETE FROM passes WHERE started_at < ? - 31536000000000').run(startedAt)
    })
  }

  /** Nothing is remembered from here on. */
  close(): void {
    this.#failed = true
    this.#db?.close()
    this.#db = undefined
  }

  /** Takes over what other processes learned meanwhile: once before a list of files, not for each. */
  refresh(): void {
    this.#attempt((db) => {
      const version = db.prepare('PRAGMA data_version').get()?.['data_version']
      if (version === this.#seen) return
      this.#seen = version
      for (const row of db.prepare('SELECT * FROM checks').all()) {
        const path = String(row['path'])
        this.#known.set(path, {
          path,
          sha256: String(row['sha256']),
          identity: String(row['identity']),
          problem: row['problem'] as FileProblem | null,
          checkedAt: Number(row['checked_at']),
        })
      }
    })
  }

  #attempt<T>(work: (db: DatabaseSync) => T): T | undefined {
    if (this.#failed) return undefined
    try {
      if (this.#db === undefined) {
        this.#db = new DatabaseSync(this.#file, { timeout: 1_000 })
        this.#db.exec(TABLES)
      }
      return work(this.#db)
    } catch {
      this.close()
      return undefined
    }
  }
}
