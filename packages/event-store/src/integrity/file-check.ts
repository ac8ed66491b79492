import type { FileMeta } from '../catalog.ts'
import type { Env } from '../env.ts'
import type { StorePaths } from '../paths.ts'
import { CheckMemory, type FileProblem, identityOf } from './check-memory.ts'
import { fileDigestGently } from './digest.ts'

/** What checking a file's bytes needs to know of it; what is absent is not compared. */
export type CheckableFile = Pick<FileMeta, 'absolutePath'> & Partial<Pick<FileMeta, 'path' | 'bytes' | 'sha256'>>

/** How thoroughly a file is looked at before it is used. */
export type CheckMode =
  /** Every byte, once for each version of a file. */
  | 'content'
  /** That it is there and has its size. */
  | 'size'

/** A file that must not be used. */
export interface BadFile<F extends CheckableFile = CheckableFile> {
  readonly file: F
  readonly problem: FileProblem
  /** In words, without the file's name. */
  readonly text: string
}

const TEXTS: Readonly<Record<FileProblem, string>> = {
  missing: 'is not on the disk',
  size: 'does not have the size it was written with',
  checksum: 'is not as it was written (its checksum differs)',
  unreadable: 'cannot be read',
}

/** What a problem is called. */
export function problemText(problem: FileProblem): string {
  return TEXTS[problem]
}

/**
 * Tells good files from bad ones before anything is read from them.
 *
 * A file's bytes are hashed at its first use, at about 1.8 GB/s; afterwards a look at its inode, size and times says that nobody
 * wrote to it, in this process and, through {@link CheckMemory}, in all others.
 */
export class FileCheck {
  readonly #env: Env
  readonly #memory: CheckMemory
  readonly #closed = new AbortController()
  readonly #running = new Map<string, Promise<FileProblem | null>>()

  constructor(env: Env, paths: StorePaths) {
    this.#env = env
    this.#memory = new CheckMemory(paths)
  }

  /** The bad ones among the files. */
  async bad<F extends CheckableFile>(files: readonly F[], mode: CheckMode, signal?: AbortSignal): Promise<BadFile<F>[]> {
    const found: BadFile<F>[] = []
    const unknown: F[] = []
    if (mode === 'content' && files.some(({ sha256 }) => sha256 !== undefined)) this.#memory.refresh()
    const add = (file: F, problem: FileProblem): void => void found.push({ file, problem, text: problemText(problem) })
    for (const file of files) {
      const stat = this.#env.fs.stat(file.absolutePath)
      if (stat === undefined) add(file, 'missing')
      else if (file.bytes !== undefined && stat.size !== file.bytes) add(file, 'size')
      else if (mode === 'content' && file.sha256 !== undefined && file.path !== undefined) {
        const known = this.#memory.get(file.path)
        if (known?.identity !== identityOf(stat) || known.sha256 !== file.sha256) unknown.push(file)
        else if (known.problem !== null) add(file, known.problem)
      }
    }
    const learned: Parameters<CheckMemory['put']>[0][number][] = []
    try {
      for (const file of unknown) {
        const stat = this.#env.fs.stat(file.absolutePath)
        const problem = stat === undefined ? 'missing' : await unlessAborted(this.#read(file), signal)
        if (problem !== null) add(file, problem)
        // One that vanished meanwhile was replaced, or will be found missing.
        if (stat !== undefined && problem !== 'missing' && file.path !== undefined && file.sha256 !== undefined)
          learned.push({
            path: file.path,
            sha256: file.sha256,
            identity: identityOf(stat),
            problem,
            checkedAt: this.#env.clock.now(),
          })
      }
    } finally {
      if (learned.length > 0) this.#memory.put(learned)
    }
    return found
  }

  /** Stops what is being read. */
  close(): void {
    this.#closed.abort()
    this.#memory.close()
  }

  /** One reading of a file, whoever asks for it meanwhile. */
  #read(file: CheckableFile): Promise<FileProblem | null> {
    const running = this.#running.get(file.absolutePath)
    if (running !== undefined) return running
    const reading = this.#compare(file).finally(() => this.#running.delete(file.absolutePath))
    this.#running.set(file.absolutePath, reading)
    return reading
  }

  async #compare(file: CheckableFile): Promise<FileProblem | null> {
    try {
      const { bytes, sha256 } = await fileDigestGently(this.#env, file.absolutePath, this.#closed.signal)
      return bytes === file.bytes && sha256 === file.sha256 ? null : 'checksum'
    } catch (error) {
      if (this.#closed.signal.aborted) throw error
      return this.#env.fs.stat(file.absolutePath) === undefined ? 'missing' : 'unreadable'
    }
  }
}

/** The promise's outcome, or the signal's reason when that comes first; the work goes on for whoever else waits for it. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  work.catch(() => undefined)
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
