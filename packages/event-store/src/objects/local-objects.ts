import { createHash } from 'node:crypto'
import path from 'node:path'
import { DurableDirectories } from '../durable.ts'
import { type Env, systemEnv } from '../env.ts'
import { diskError, systemCode } from '../errors.ts'
import { checkedKey, checkedRange, corruptObject, missingObject, type ObjectInfo, type ObjectStore } from './object-store.ts'

/** Files being written; no key can have this form. */
const TEMPORARY = /\.tmp-[0-9a-f]{16}$/

/** Options of {@link localObjects}. */
export interface LocalObjectsOptions {
  /** Made when it is not there. Not a data directory: nothing here is a store's own. */
  readonly dir: string
  readonly env?: Env
}

/** A directory as an {@link ObjectStore}: durable before it is acknowledged, made visible by a link, which never replaces a file. */
export function localObjects({ dir, env = systemEnv() }: LocalObjectsOptions): ObjectStore {
  const root = path.resolve(dir)
  const { fs } = env
  const directories = new DurableDirectories(fs, path.dirname(root))
  const fileOf = (key: string): string => path.join(root, ...checkedKey(key).split('/'))

  const walk = (folder: string, keyPrefix: string, found: Pick<ObjectInfo, 'key' | 'size'>[]): void => {
    for (const entry of fs.readdir(folder)) {
      const key = `${keyPrefix}${entry.name}`
      const file = path.join(folder, entry.name)
      if (entry.isDirectory) walk(file, `${key}/`, found)
      else if (!TEMPORARY.test(entry.name)) found.push({ key, size: fs.stat(file)?.size ?? 0 })
    }
  }

  return {
    name: root,
    async *list(prefix, { signal } = {}) {
      signal?.throwIfAborted()
      // Only the folder that the prefix names has to be looked at.
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
      const start = path.join(root, folder)
      const found: Pick<ObjectInfo, 'key' | 'size'>[] = []
      if (fs.stat(start)?.isDirectory === true) walk(start, folder, found)
      const chosen = found.filter(({ key }) => key.startsWith(prefix))
      yield* chosen.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)))
    },
    async stat(key) {
      const found = fs.stat(fileOf(key))
      return found === undefined || found.isDirectory ? undefined : { key, size: found.size, sha256: null }
    },
    async *read(key, { range, signal } = {}) {
      const { start, end } = checkedRange(range) ?? { start: 0, end: Number.POSITIVE_INFINITY }
      const file = fileOf(key)
      if (fs.stat(file)?.isDirectory !== false) throw missingObject(root, key)
      let at = 0
      for (const piece of fs.pieces(file)) {
        signal?.throwIfAborted()
        const from = Math.max(0, start - at)
        const wanted = piece.subarray(from, Math.max(from, end + 1 - at))
        if (wanted.byteLength > 0) yield wanted
        at += piece.byteLength
        if (at > end) return
      }
    },
    async putIfAbsent(key, body, { signal } = {}) {
      const file = fileOf(key)
      if (fs.stat(file) !== undefined) return 'exists'
      const temporary = `${file}.tmp-${Buffer.from(env.random.bytes(8)).toString('hex')}`
      try {
        directories.ensure(path.dirname(file))
        const hash = createHash('sha256')
        const fd = fs.open(temporary, 'create')
        try {
          for (const piece of body.pieces()) {
            signal?.throwIfAborted()
            hash.update(piece)
            fs.write(fd, [piece])
          }
          fs.fdatasync(fd)
        } finally {
          fs.close(fd)
        }
        const found = hash.digest('hex')
        if (found !== body.sha256) throw corruptObject(key, body.sha256, found)
        fs.link(temporary, file)
        fs.fsyncDir(path.dirname(file))
        return 'created'
      } catch (error) {
        if (systemCode(error) === 'EEXIST') return 'exists'
        throw systemCode(error) === undefined ? error : diskError(error, 'write', file)
      } finally {
        if (fs.stat(temporary) !== undefined) fs.unlink(temporary)
      }
    },
    async delete(key) {
      const file = fileOf(key)
      if (fs.stat(file) === undefined) return
      fs.unlink(file)
      fs.fsyncDir(path.dirname(file))
    },
    close: () => undefined,
  }
}
