import { createHash } from 'node:crypto'
import path from 'node:path'
import { SqliteCatalogWriter } from '../../src/catalog-writer.ts'
import type { PartMerger, RowDigest } from '../../src/compaction/merger.ts'
import { recoverMerges } from '../../src/compaction/recover.ts'
import { type ReplaceDeps, replaceFiles } from '../../src/compaction/replace.ts'
import { sweepRetired } from '../../src/compaction/sweep.ts'
import { DurableDirectories, durableWrite } from '../../src/durable.ts'
import type { Env } from '../../src/env.ts'
import { partPath, storePaths } from '../../src/paths.ts'
import { sessionId } from '../sample-events.ts'
import { PowerCut, type SimFs } from '../sim-fs.ts'

export const ROOT = '/data'

interface SimRow {
  readonly seq: number
  readonly game: string
}

function simMerger(fs: SimFs): PartMerger {
  const rows = (files: readonly string[], games?: readonly string[]): SimRow[] =>
    files
      .flatMap((file) => JSON.parse(Buffer.from(fs.read(file)).toString('utf8')) as SimRow[])
      .filter((row) => games === undefined || games.includes(row.game))
  const digest = (found: readonly SimRow[]): RowDigest => {
    const sum = found.reduce(
      (total, row) => total + createHash('sha256').update(JSON.stringify(row)).digest().readUIntBE(0, 5),
      0,
    )
    return { rows: found.length, contentHash: `sim:${sum}`, seqFirst: 0, seqLast: 0, tsMin: 0, tsMax: 0 }
  }
  return {
    name: 'sim-merge',
    async merge(inputs, target, _metadata, filter) {
      const found = rows(
        inputs.map((input) => input.path),
        filter?.games,
      )
      if (found.length === 0) return digest(found)
      const fd = fs.open(target, 'overwrite')
      fs.write(fd, [Buffer.from(JSON.stringify(found))])
      fs.close(fd)
      return digest(found)
    },
    async digest(files, filter): Promise<RowDigest> {
      return digest(rows(files, filter?.games))
    },
    async droppedSpans(files, filter) {
      const kept = new Set(rows(files, filter?.games).map((row) => row.seq))
      return rows(files).flatMap(({ seq }) => (kept.has(seq) ? [] : [{ sessionId: sessionId(), from: seq, to: seq }]))
    },
    async close() {},
  }
}

/** A catalog that keeps its promise: what it committed survives every cut; each commit is a step that may be the last. */
function stepped(catalog: SqliteCatalogWriter, fs: () => SimFs): SqliteCatalogWriter {
  const commits = new Set<PropertyKey>(['commitMerge', 'publishMerged', 'forgetRetired', 'adoptReceipt'])
  return new Proxy(catalog, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const call = (...args: unknown[]): unknown => {
        if (commits.has(name)) fs().step(String(name))
        return Reflect.apply(value, target, args)
      }
      return call
    },
  })
}

/** One boot of the machine over a disk and a catalog that outlive it. */
export class SimCompaction {
  readonly deps: ReplaceDeps
  readonly fs: SimFs
  readonly catalog: SqliteCatalogWriter

  constructor(fs: SimFs, catalog = new SqliteCatalogWriter(':memory:', 0)) {
    this.fs = fs
    this.catalog = catalog
    const env: Env = {
      fs,
      clock: { now: () => 0, monotonic: () => 0, timer: () => () => {} },
      random: { float: () => 0, bytes: (count) => new Uint8Array(count) },
    }
    this.deps = {
      env,
      paths: storePaths(ROOT),
      directories: new DurableDirectories(fs, ROOT),
      catalog: stepped(catalog, () => fs),
      merger: simMerger(fs),
    }
  }

  /** Three parts of four rows, durable and listed. */
  store(): void {
    for (let segment = 1; segment <= 3; segment++) {
      const rows: SimRow[] = [0, 1, 2, 3].map((row) => ({ seq: (segment - 1) * 4 + row + 1, game: `game-${row % 2}` }))
      const relative = partPath({ docType: 'ws_event', date: '2025-12-12', session8: '00000001', segment })
      const file = path.join(ROOT, ...relative.split('/'))
      this.deps.directories.ensure(path.dirname(file))
      const content = Buffer.from(JSON.stringify(rows))
      durableWrite(this.fs, file, content)
      const seqs = { seqFirst: rows[0]?.seq ?? 0, seqLast: rows[3]?.seq ?? 0 }
      this.catalog.commitSegment(
        {
          session: { sessionId: sessionId(), source: 'replay', origin: null, meta: null },
          segment,
          ...seqs,
          rows: 4,
          gaps: [],
          files: [
            {
              path: relative,
              docType: 'ws_event',
              date: '2025-12-12',
              sessionId: sessionId(),
              segment,
              rows: 4,
              bytes: content.length,
              sha256: createHash('sha256').update(content).digest('hex'),
              ...seqs,
              tsMin: 0,
              tsMax: 0,
              schemaVersion: 1,
              writer: 'sim',
            },
          ],
        },
        0,
      )
    }
  }

  /** Merges everything (or prunes all games but those); false when the power failed on the way. */
  async compact(games?: readonly string[]): Promise<boolean> {
    try {
      const inputs = this.catalog.liveFiles(ROOT)
      await replaceFiles(this.deps, {
        docType: 'ws_event',
        date: '2025-12-12',
        inputs,
        ...(games === undefined ? {} : { keep: { games } }),
      })
      sweepRetired(this.deps, 0)
      sweepRetired(this.deps, 0)
      return true
    } catch (error) {
      if (error instanceof PowerCut) return false
      throw error
    }
  }

  recover(adopt = false): ReturnType<typeof recoverMerges> {
    return recoverMerges(this.deps, { adopt })
  }

  /** Seqs that our readers get. Throws what they would. */
  listed(): number[] {
    return this.#seqs(this.catalog.liveFiles(ROOT).map((file) => file.absolutePath))
  }

  /** Seqs that a plain glob gets. */
  globbed(): number[] {
    return this.#seqs([...this.fs.image().keys()].filter((at) => at.endsWith('.parquet')))
  }

  #seqs(files: readonly string[]): number[] {
    return files
      .flatMap((file) => JSON.parse(Buffer.from(this.fs.read(file)).toString('utf8')) as SimRow[])
      .map((row) => row.seq)
      .sort((a, b) => a - b)
  }
}
