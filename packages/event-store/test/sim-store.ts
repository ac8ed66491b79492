import path from 'node:path'
import type { Clock } from '@vectra/schemas'
import type { CatalogWriter, NewFile, NewGap, SegmentCommit, SegmentNeighbours, SegmentRange } from '../src/catalog-records.ts'
import { DurableDirectories } from '../src/durable.ts'
import type { Chunk, SealedSegment, SegmentLimits } from '../src/journal.ts'
import { JournalServer } from '../src/journal-server.ts'
import { decodeLine, LineBuffer } from '../src/line.ts'
import { type MaterializeDeps, materialize } from '../src/materialize.ts'
import type { PartEncoder } from '../src/part-encoder.ts'
import { storePaths } from '../src/paths.ts'
import { type RecoveryReport, recover, sessionEnd } from '../src/recovery.ts'
import { encodePieces, type JournalRow } from '../src/row-codec.ts'
import { sessionId, tickEvent } from './sample-events.ts'
import { PowerCut, type SimFs } from './sim-fs.ts'

export const ROOT = '/data'

/** A catalog that keeps its promise: what it committed survives every cut. */
export class SimCatalog implements CatalogWriter {
  readonly committed = new Map<string, SegmentCommit>()
  readonly #fs: () => SimFs

  constructor(fs: () => SimFs) {
    this.#fs = fs
  }

  get files(): NewFile[] {
    return [...this.committed.values()].flatMap((commit) => commit.files)
  }

  get gaps(): NewGap[] {
    return [...this.committed.values()].flatMap((commit) => commit.gaps)
  }

  segments(id: string): readonly SegmentRange[] {
    return this.#ranges(id)
  }

  #ranges(id: string): SegmentRange[] {
    return [...this.committed.values()]
      .filter((commit) => commit.session.sessionId === id)
      .map(({ segment, seqFirst, seqLast }) => ({ segment, seqFirst, seqLast }))
      .sort((a, b) => a.segment - b.segment)
  }

  hasSegment(id: string, segment: number): boolean {
    return this.committed.has(`${id}/${segment}`)
  }

  around(id: string, segment: number): SegmentNeighbours {
    const ranges = this.#ranges(id)
    return {
      earlier: ranges.filter((range) => range.segment < segment).at(-1),
      laterSeq: Math.min(...ranges.filter((range) => range.segment > segment).map((range) => range.seqFirst)),
    }
  }

  registerSession(): void {}

  endSession(): void {}

  commitSegment(commit: SegmentCommit): void {
    this.#fs().step(`commit ${commit.segment}`)
    const key = `${commit.session.sessionId}/${commit.segment}`
    if (!this.committed.has(key)) this.committed.set(key, commit)
  }

  filePaths(): readonly string[] {
    return this.files.map((file) => file.path)
  }

  retiredPaths(): readonly string[] {
    return []
  }

  close(): void {}
}

interface SimPart {
  readonly metadata: Readonly<Record<string, string>>
  readonly rows: readonly JournalRow[]
}

/** Parts as JSON: the write path around the encoder is what these tests are about. */
export function simEncoder(fs: () => SimFs): PartEncoder {
  const load = (file: string): SimPart => JSON.parse(Buffer.from(fs().read(file)).toString('utf8')) as SimPart
  return {
    name: 'sim',
    async encode(source, parts) {
      for (const part of parts) {
        const rows = part.lines.map((line) => decodeLine(source.bytes.subarray(line.row.start, line.row.end)) as JournalRow)
        const fd = fs().open(part.target, 'overwrite')
        fs().write(fd, [Buffer.from(JSON.stringify({ metadata: part.metadata, rows }))])
        fs().close(fd)
      }
    },
    async inspect(file) {
      const part = load(file)
      return { rows: part.rows.length, metadata: part.metadata }
    },
    async scan(file) {
      const part = load(file)
      return {
        rows: part.rows.length,
        sessionIds: [...new Set(part.rows.map((row) => String(row.session_id)))],
        canonical: part.rows.map((row) => ({ sessionId: String(row.session_id), from: row.seq, to: row.seq })),
      }
    },
    async close() {},
  }
}

const clock: Clock = { now: () => 0, monotonic: () => 0, timer: () => () => {} }

/** One boot of the machine: the write path over a simulated disk and a catalog that outlives it. */
export class SimMachine {
  readonly fs: SimFs
  readonly catalog: SimCatalog
  readonly deps: MaterializeDeps

  constructor(fs: SimFs, catalog?: SimCatalog) {
    this.fs = fs
    this.catalog = new SimCatalog(() => fs)
    for (const [key, commit] of catalog?.committed ?? []) this.catalog.committed.set(key, commit)
    const paths = storePaths(ROOT)
    this.deps = {
      fs,
      clock,
      catalog: this.catalog,
      encoder: simEncoder(() => fs),
      paths,
      directories: new DurableDirectories(fs, ROOT),
    }
  }

  recover(): Promise<RecoveryReport> {
    return recover(this.deps, { take: () => ({ release: () => {} }) })
  }

  journal(limits: SegmentLimits, behind = false): JournalServer {
    return new JournalServer({ fs: this.fs, paths: this.deps.paths, limits, behind: () => behind })
  }

  materialize(segment: SealedSegment): Promise<unknown> {
    return materialize(this.deps, { sessionId: segment.sessionId, segment: segment.segment, limit: segment.limit })
  }

  get end(): { segment: number; seq: number } {
    return sessionEnd(this.catalog.segments(sessionId()))
  }
}

/** Lines of ticks `from` to `to` as one append. */
export function chunk(from: number, to: number): Chunk {
  const lines = new LineBuffer()
  for (let seq = from; seq <= to; seq++) lines.addRow(encodePieces(tickEvent(seq)))
  return { bytes: lines.take(), count: to - from + 1, firstSeq: from, lastSeq: to }
}

/** What was acknowledged before the lights went out. */
export interface Outcome {
  readonly acked: number
  readonly cut: boolean
}

/** Records `batches` in a session until the power fails; segments become parts as they are sealed. */
export async function record(machine: SimMachine, batches: readonly number[], limits: SegmentLimits): Promise<Outcome> {
  let acked = machine.end.seq
  const { fs } = machine
  try {
    await machine.recover()
    acked = Math.max(acked, machine.end.seq)
    machine.deps.directories.ensure(machine.deps.paths.events)
    machine.deps.directories.ensure(machine.deps.paths.journal)
    const server = machine.journal(limits)
    const end = machine.end
    server.handle([
      {
        kind: 'open',
        session: 1,
        sessionId: sessionId(),
        info: { source: 'public_ws', origin: null, meta: null },
        segment: end.segment + 1,
        nextSeq: end.seq + 1,
      },
    ])
    let next = end.seq + 1
    for (const [id, size] of batches.entries()) {
      const reply = server.handle([{ kind: 'append', id, session: 1, ...chunk(next, next + size - 1) }])
      if (reply.failed.length > 0) return { acked, cut: fs.operations >= fs.cutAt }
      next += size
      acked = next - 1
      for (const segment of reply.sealed) await machine.materialize(segment)
    }
    for (const segment of server.handle([{ kind: 'close', id: 99, session: 1 }]).sealed) await machine.materialize(segment)
    return { acked, cut: fs.operations >= fs.cutAt }
  } catch (error) {
    if (error instanceof PowerCut) return { acked, cut: true }
    throw error
  }
}

/** Everything published: canonical rows by seq, from files that are whole. Throws what a reader would see. */
export function storedRows(machine: SimMachine): Map<number, JournalRow> {
  const rows = new Map<number, JournalRow>()
  for (const file of machine.catalog.files) {
    const at = path.join(ROOT, ...file.path.split('/'))
    if (machine.fs.stat(at) === undefined) throw new Error(`${file.path} is in the catalog and not on the disk`)
    const content = Buffer.from(machine.fs.read(at))
    if (content.length !== file.bytes) throw new Error(`${file.path} has ${content.length} bytes, the catalog says ${file.bytes}`)
    const part = JSON.parse(content.toString('utf8')) as SimPart
    if (part.rows.length !== file.rows) throw new Error(`${file.path} has ${part.rows.length} rows`)
    if (file.docType !== 'ws_event' && file.docType !== 'system_event') continue
    for (const row of part.rows) {
      if (rows.has(row.seq)) throw new Error(`seq ${row.seq} twice`)
      rows.set(row.seq, row)
    }
  }
  return rows
}

/** The promises P1 to P4 after a recovery; returns what is broken. */
export function violations(machine: SimMachine, acked: number): string[] {
  try {
    const rows = storedRows(machine)
    const seqs = [...rows.keys()].sort((a, b) => a - b)
    const broken: string[] = []
    if (seqs.length < acked) broken.push(`P1: ${acked} acknowledged, ${seqs.length} stored`)
    seqs.forEach((seq, index) => {
      if (seq !== index + 1) broken.push(`P2: hole before seq ${seq}`)
      if (rows.get(seq)?.raw_json !== tickEvent(seq).raw_json) broken.push(`P3: seq ${seq} differs`)
    })
    const left = [...machine.fs.image().keys()].filter(
      (at) => (at.endsWith('.ndjson') && !at.includes('/quarantine/')) || /\.tmp-/.test(at),
    )
    if (left.length > 0) broken.push(`P4: left behind ${left.join(', ')}`)
    return broken
  } catch (error) {
    return [`P5: ${error instanceof Error ? error.message : String(error)}`]
  }
}
