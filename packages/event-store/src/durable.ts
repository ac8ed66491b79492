import path from 'node:path'
import { systemCode } from './errors.ts'
import type { FsPort } from './fs-port.ts'
import { temporaryPath } from './paths.ts'

/**
 * Directories under one root whose entries are durable all the way up.
 *
 * A directory that is there already may still be lost at a power cut, when somebody else created it a moment ago: so the
 * first use of each directory syncs its parents even then.
 */
export class DurableDirectories {
  readonly #fs: FsPort
  readonly #root: string
  readonly #known = new Set<string>()

  constructor(fs: FsPort, root: string) {
    this.#fs = fs
    this.#root = path.resolve(root)
  }

  /** Creates the directory if need be and makes its way from the root durable. */
  ensure(directory: string): void {
    if (this.#known.has(directory)) return
    const created = this.#fs.mkdir(directory)
    const parents = new Set(created.map((entry) => path.dirname(entry)))
    for (let at = directory; at !== this.#root && at.startsWith(this.#root + path.sep); at = path.dirname(at))
      parents.add(path.dirname(at))
    for (const parent of parents) this.#fs.fsyncDir(parent)
    this.#known.add(directory)
  }

  /** A directory was removed: the next {@link ensure} starts again. */
  forget(directory: string): void {
    this.#known.delete(directory)
  }
}

/** Removes a file; false when it was gone. */
export function removeFile(fs: FsPort, file: string): boolean {
  try {
    fs.unlink(file)
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw error
  }
}

/** Writes a whole file so that after a power cut it is there complete or not at all. */
export function durableWrite(fs: FsPort, file: string, content: Uint8Array): void {
  const temporary = temporaryPath(file)
  const fd = fs.open(temporary, 'overwrite')
  try {
    fs.write(fd, [content])
    fs.fdatasync(fd)
  } finally {
    fs.close(fd)
  }
  fs.rename(temporary, file)
  fs.fsyncDir(path.dirname(file))
}
