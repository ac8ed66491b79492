import path from 'node:path'
import type { Micros } from '@vectra/schemas'
import { type FileMeta, listFiles } from '../catalog.ts'
import { readReceipt, receiptIdsOnDisk } from '../compaction/receipt.ts'
import { type Env, systemEnv } from '../env.ts'
import { systemCode } from '../errors.ts'
import { isOwned } from '../owner-lock.ts'
import { isSessionId, parseSegmentFile, receiptFile, type StorePaths, storePaths } from '../paths.ts'
import { scanSegment } from '../segment.ts'
import { CheckMemory, type FileProblem, identityOf } from './check-memory.ts'
import { fileDigestGently } from './digest.ts'
import { problemText } from './file-check.ts'
import { Pace } from './pace.ts'

/** Options of {@link scrubStore}. */
export interface ScrubOptions {
  readonly dir: string
  readonly env?: Env
  /** Bytes read per second at most. Default 50,000,000. */
  readonly rate?: number
  /** Start a new pass though the last one is not through. */
  readonly restart?: boolean
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: ScrubProgress) => void
}

/** How far a scrub is. */
export interface ScrubProgress {
  /** Files of this pass that were read, in this run and before it. */
  readonly done: number
  readonly files: number
  /** Bytes read in this run. */
  readonly bytes: number
}

/** A file that is not as it was written. */
export interface ScrubFinding {
  /** Relative to the data directory, with `/`. */
  readonly path: string
  readonly problem: FileProblem
  readonly text: string
}

/** What a scrub found. */
export interface ScrubReport {
  /** No file of the pass is bad. */
  readonly ok: boolean
  /** When the pass began, maybe in an earlier run. */
  readonly startedAt: Micros
  /** Files read in this run. */
  readonly read: number
  /** Files of the pass that an earlier run had read. */
  readonly before: number
  readonly bytes: number
  /** Bad files, also those that an earlier run of the pass found. */
  readonly findings: readonly ScrubFinding[]
  readonly durationMs: number
}

const DEFAULT_RATE = 50_000_000

type Part = Pick<FileMeta, 'path' | 'absolutePath' | 'bytes' | 'sha256'>

/** One run of a scrub. */
class Scrub {
  readonly #env: Env
  readonly #paths: StorePaths
  readonly #memory: CheckMemory
  readonly #pace: Pace
  readonly #options: ScrubOptions
  readonly findings: ScrubFinding[] = []
  read = 0
  before = 0

  constructor(env: Env, paths: StorePaths, memory: CheckMemory, options: ScrubOptions) {
    this.#env = env
    this.#paths = paths
    this.#memory = memory
    this.#options = options
    this.#pace = new Pace(env, options.rate ?? DEFAULT_RATE, options.signal)
  }

  get bytes(): number {
    return this.#pace.bytes
  }

  /** Every part that was not looked at in this pass, the longest unseen first. */
  async parts(parts: readonly Part[], since: Micros): Promise<void> {
    this.#memory.refresh()
    const todo: { part: Part; seen: Micros }[] = []
    for (const part of parts) {
      const known = this.#memory.get(part.path)
      const stat = this.#env.fs.stat(part.absolutePath)
      const same = stat !== undefined && known?.sha256 === part.sha256 && known.identity === identityOf(stat)
      if (!same || known.checkedAt < since) todo.push({ part, seen: known?.checkedAt ?? 0 })
      else {
        this.before++
        if (known.problem !== null) this.#add(part.path, known.problem)
      }
    }
    for (const { part } of todo.sort((a, b) => a.seen - b.seen)) {
      await this.#part(part)
      this.read++
      this.#options.onProgress?.({ done: this.before + this.read, files: parts.length, bytes: this.bytes })
    }
  }

  async #part(part: Part): Promise<void> {
    const stat = this.#env.fs.stat(part.absolutePath)
    if (stat === undefined) return this.#missing(part)
    let problem: FileProblem | null = null
    try {
      const { bytes, sha256 } = await fileDigestGently(this.#env, part.absolutePath, this.#options.signal, (size) =>
        this.#pace.passed(size),
      )
      if (bytes !== part.bytes) problem = 'size'
      else if (sha256 !== part.sha256) problem = 'checksum'
    } catch (error) {
      this.#options.signal?.throwIfAborted()
      if (systemCode(error) === 'ENOENT') return this.#missing(part)
      problem = 'unreadable'
    }
    const { path: at, sha256 } = part
    this.#memory.put([{ path: at, sha256, identity: identityOf(stat), problem, checkedAt: this.#env.clock.now() }])
    if (problem !== null) this.#add(at, problem)
  }

  /** Gone since it was listed: no finding when the catalog does without it, or has it elsewhere, by now. */
  #missing(part: Part): void {
    const listed = listFiles(this.#paths.root).find((file) => file.path === part.path)
    if (listed !== undefined && this.#env.fs.stat(listed.absolutePath) === undefined) this.#add(part.path, 'missing')
  }

  /** Segments that nobody appends to: every line's checksum. */
  async journals(): Promise<void> {
    const { fs } = this.#env
    if (fs.stat(this.#paths.journal) === undefined) return
    for (const { name } of fs.readdir(this.#paths.journal)) {
      if (!isSessionId(name)) continue
      const segments = this.#segments(name)
      // The last one of a live session grows.
      for (const segment of isOwned(fs, this.#paths, name) ? segments.slice(0, -1) : segments) {
        this.#options.signal?.throwIfAborted()
        const at = `journal/${name}/${segment}`
        try {
          const content = fs.read(path.join(this.#paths.root, at))
          await this.#pace.passed(content.byteLength)
          this.read++
          if (scanSegment(content).damage.length > 0) this.#add(at, 'checksum')
        } catch (error) {
          this.#options.signal?.throwIfAborted()
          if (systemCode(error) !== 'ENOENT') this.#add(at, 'unreadable')
        }
      }
    }
  }

  #segments(session: string): string[] {
    try {
      return this.#env.fs
        .readdir(path.join(this.#paths.journal, session))
        .flatMap(({ name }) => (parseSegmentFile(name) === undefined ? [] : [name]))
        .sort()
    } catch {
      return []
    }
  }

  receipts(): void {
    const { fs } = this.#env
    for (const id of receiptIdsOnDisk(fs, this.#paths)) {
      this.read++
      try {
        readReceipt(fs, this.#paths, id)
      } catch {
        this.#add(`receipts/${receiptFile(id)}`, 'checksum')
      }
    }
  }

  #add(at: string, problem: FileProblem): void {
    this.findings.push({ path: at, problem, text: problemText(problem) })
  }
}

/**
 * Reads every part, sealed journal segment and receipt at a bounded rate and compares it with its checksum. Changes no data and moves
 * nothing; what it finds bad, queries leave out from then on.
 *
 * A run that is stopped is remembered: the next one goes on with what it had not read. When a pass was through, a new one begins.
 *
 * @throws STORE_CATALOG when the catalog cannot be read; the signal's reason
 */
export async function scrubStore(options: ScrubOptions): Promise<ScrubReport> {
  const env = options.env ?? systemEnv()
  const paths = storePaths(options.dir)
  const started = env.clock.monotonic()
  const memory = new CheckMemory(paths)
  try {
    const last = memory.lastPass()
    const goesOn = last !== undefined && last.finishedAt === null && options.restart !== true
    const startedAt = goesOn ? last.startedAt : env.clock.now()
    const parts = listFiles(options.dir)
    if (parts.length > 0 && !goesOn) memory.putPass({ startedAt, finishedAt: null })
    if (parts.length > 0) memory.keepOnly(new Set(parts.map(({ path: at }) => at)))
    const scrub = new Scrub(env, paths, memory, options)
    await scrub.parts(parts, startedAt)
    await scrub.journals()
    scrub.receipts()
    if (parts.length > 0) memory.putPass({ startedAt, finishedAt: env.clock.now() })
    const { findings, read, before, bytes } = scrub
    return { ok: findings.length === 0, startedAt, read, before, bytes, findings, durationMs: env.clock.monotonic() - started }
  } finally {
    memory.close()
  }
}
