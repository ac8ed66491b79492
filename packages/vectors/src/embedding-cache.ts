import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { openWalDatabase } from './wal-database.ts'

const key = (fingerprint: string, text: string): Uint8Array =>
  createHash('sha256').update(fingerprint).update('\0').update(text).digest()

/** About 0.9 GB of 384 dimensions. */
const MAX_VECTORS = 500_000

/**
 * Vectors by the hash of model and text. Outlives rebuilds, and may be deleted at any time: it is a cache.
 *
 * It holds no text. Beyond its bound the vectors that were put first go; a text that is still wanted is embedded again then.
 */
export class EmbeddingCache implements Disposable {
  readonly #db: DatabaseSync
  readonly #fingerprint: string
  readonly #maxVectors: number

  /** @param file its directory is created; `:memory:` keeps nothing */
  constructor(file: string, fingerprint: string, maxVectors: number = MAX_VECTORS) {
    if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true })
    this.#fingerprint = fingerprint
    this.#maxVectors = maxVectors
    this.#db = openWalDatabase(file)
    this.#db.exec(`
      DROP TABLE IF EXISTS embeddings;
      CREATE TABLE IF NOT EXISTS vectors (place INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, vector BLOB NOT NULL)`)
  }

  /** The vectors that are known, by text. */
  get(texts: Iterable<string>): Map<string, Float32Array> {
    const select = this.#db.prepare('SELECT vector FROM vectors WHERE key = ?')
    const found = new Map<string, Float32Array>()
    for (const text of texts) {
      const row = select.get(key(this.#fingerprint, text))
      if (row === undefined || !(row['vector'] instanceof Uint8Array)) continue
      const bytes = Uint8Array.from(row['vector'])
      found.set(text, new Float32Array(bytes.buffer, 0, bytes.byteLength / 4))
    }
    return found
  }

  /** Remembers vectors, all or none. */
  put(vectors: ReadonlyMap<string, Float32Array>): void {
    if (vectors.size === 0) return
    const insert = this.#db.prepare('INSERT OR REPLACE INTO vectors (key, vector) VALUES (?, ?)')
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      for (const [text, vector] of vectors) {
        insert.run(key(this.#fingerprint, text), new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength))
      }
      this.#db.prepare('DELETE FROM vectors WHERE place <= (SELECT max(place) FROM vectors) - ?').run(this.#maxVectors)
      this.#db.exec('COMMIT')
    } catch (error) {
      this.#db.exec('ROLLBACK')
      throw error
    }
  }

  [Symbol.dispose](): void {
    if (this.#db.isOpen) this.#db.close()
  }
}
