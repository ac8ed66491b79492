import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { SegmentPlace } from '../../../src/catalog.ts'
import { DurableDirectories } from '../../../src/durable.ts'
import { type Env, systemEnv } from '../../../src/env.ts'
import type { FsPort } from '../../../src/fs-port.ts'
import { SessionJournal } from '../../../src/journal.ts'
import { LineBuffer } from '../../../src/line.ts'
import { segmentPath } from '../../../src/materialize.ts'
import { storePaths } from '../../../src/paths.ts'
import type { CatalogSource, PartRef } from '../../../src/query/file-source.ts'
import { freshSource } from '../../../src/query/fresh/fresh-source.ts'
import { encodePieces } from '../../../src/row-codec.ts'
import { scanSegment } from '../../../src/segment.ts'
import { sessionId, tickEvent } from '../../sample-events.ts'
import { SimFs } from '../../sim-fs.ts'

/** What the writer may do between any two looks of the reader. */
type Step = 'append' | 'seal' | 'publish' | 'remove' | 'fail' | 'fail-twice'

const SESSION = sessionId()

/** A recorder on a simulated disk, one step at a time, and the catalog it commits to. */
class Recorder {
  readonly fs = new SimFs('/data')
  readonly paths = storePaths('/data')
  readonly #journal: SessionJournal
  readonly #sealed: { segment: number; limit: number }[] = []
  readonly #committed: { segment: number; seqs: readonly number[]; rows: readonly string[]; removed: boolean }[] = []
  #attempt = 0
  /** Which attempt each acknowledged row was written by: what was refused came back with other content. */
  readonly acked: number[] = []
  generation = 1

  constructor() {
    const directories = new DurableDirectories(this.fs, this.paths.root)
    directories.ensure(this.paths.journal)
    this.#journal = new SessionJournal({
      fs: this.fs,
      paths: this.paths,
      directories,
      sessionId: SESSION,
      info: { source: 'replay', origin: null, meta: null },
      segment: 1,
      nextSeq: 1,
      limits: { maxEvents: 7, maxBytes: 1 << 20 },
      behind: () => false,
    })
  }

  do(step: Step): void {
    if (step === 'publish') this.#publish()
    else if (step === 'remove') this.#remove()
    else if (step === 'seal') this.#note([this.#journal.seal()])
    else {
      // The disk refuses: once (the lines go into another file), or again there (the append is refused).
      const times = step === 'fail' ? 1 : 2
      if (step !== 'append')
        this.fs.fault = {
          at: this.fs.operations + 1,
          code: 'EIO',
          times: 60,
          only: times === 1 ? ['fdatasync'] : ['fdatasync', 'truncate', 'unlink'],
        }
      if (step === 'fail') this.#healAfterFirstSync()
      const lines = new LineBuffer()
      const first = this.#journal.nextSeq
      this.#attempt++
      for (let seq = first; seq < first + 3; seq++)
        lines.addRow(encodePieces(tickEvent(seq, { raw_json: `["x",${this.#attempt}]` })))
      const outcome = this.#journal.append([{ bytes: lines.take(), count: 3, firstSeq: first, lastSeq: first + 2 }])
      this.fs.fault = undefined
      this.fs.broken = undefined
      for (let seq = first; seq < this.#journal.nextSeq; seq++) this.acked.push(this.#attempt)
      this.#note(outcome.sealed)
    }
  }

  /** The disk works again as soon as the segment is given up. */
  #healAfterFirstSync(): void {
    let failed = false
    this.fs.broken = (operation) => {
      if (operation === 'unlink' || operation === 'truncate' || operation === 'open') failed = true
      if (failed) this.fs.fault = undefined
      return false
    }
  }

  #note(sealed: readonly ({ segment: number; limit: number } | undefined)[]): void {
    for (const segment of sealed) if (segment !== undefined) this.#sealed.push(segment)
  }

  #publish(): void {
    const next = this.#sealed.shift()
    if (next === undefined) return
    const { rows, bytes } = scanSegment(this.fs.read(segmentPath(this.paths, SESSION, next.segment)))
    const kept = rows.filter((row) => row.seq < next.limit)
    const lines = kept.map((row) => bytes.toString('utf8', row.start, row.end))
    this.#committed.push({ segment: next.segment, seqs: kept.map((row) => row.seq), rows: lines, removed: false })
    this.generation++
  }

  #remove(): void {
    const next = this.#committed.find((entry) => !entry.removed)
    if (next === undefined) return
    next.removed = true
    this.fs.unlink(segmentPath(this.paths, SESSION, next.segment))
  }

  /** The catalog as a transaction sees it. */
  look(segments: readonly Pick<SegmentPlace, 'sessionId' | 'segment'>[]): { files: PartRef[]; places: SegmentPlace[] } {
    const files = this.#committed.map(({ segment, rows }) => ({
      absolutePath: `part-${segment}`,
      docType: 'ws_event' as const,
      date: rows.join('\n'),
    }))
    const places = segments.map(({ sessionId: id, segment }) => ({
      sessionId: id,
      segment,
      published: this.#committed.some((entry) => entry.segment === segment),
      earlierEnd: Math.max(0, ...this.#committed.flatMap((entry) => (entry.segment < segment ? entry.seqs : []))),
      laterStart: Math.min(
        ...this.#committed.flatMap((entry) => (entry.segment > segment ? entry.seqs : [])),
        Number.POSITIVE_INFINITY,
      ),
    }))
    return { files, places }
  }
}

/** Canonical rows of a snapshot by seq: the attempt that wrote each. */
function rowsOf(files: readonly PartRef[]): [seq: number, attempt: number][] {
  return files
    .filter(({ docType }) => docType === 'ws_event')
    .flatMap(({ hot, date }) => (hot === undefined ? date : hot.lines()).split('\n').filter((line) => line !== ''))
    .map((line): [number, number] => {
      const { seq, raw_json: raw } = JSON.parse(line) as { seq: number; raw_json: string }
      return [seq, (JSON.parse(raw) as [string, number])[1]]
    })
    .sort(([a], [b]) => a - b)
}

const step = fc.constantFrom<Step>(
  'append',
  'append',
  'append',
  'seal',
  'publish',
  'publish',
  'remove',
  'remove',
  'fail',
  'fail-twice',
)

it('P5: whatever a recorder does between two looks of a reader, it sees every acknowledged row once, and no hole', () => {
  let between = 0
  fc.assert(
    fc.property(
      fc.array(fc.array(step, { maxLength: 4 }), { minLength: 5, maxLength: 120 }),
      fc.array(step, { maxLength: 30 }),
      (schedule, before) => {
        const recorder = new Recorder()
        for (const next of before) recorder.do(next)
        let at = 0
        const interleave = (): void => {
          for (const next of schedule[at++] ?? []) {
            recorder.do(next)
            between++
          }
        }
        const { fs } = recorder
        const watched: Pick<FsPort, 'readdir' | 'read' | 'stat'> = {
          readdir: (target) => {
            interleave()
            return fs.readdir(target)
          },
          read: (target) => {
            interleave()
            return fs.read(target)
          },
          stat: (target) => {
            interleave()
            return fs.stat(target)
          },
        }
        const env: Env = { ...systemEnv(), fs: watched as FsPort }
        const catalog: CatalogSource = {
          generation: () => recorder.generation,
          snapshot: (segments = []) => {
            interleave()
            return { generation: recorder.generation, ...recorder.look(segments), [Symbol.dispose]: () => undefined }
          },
          catalog: () => undefined,
          close: () => undefined,
        }
        const source = freshSource(catalog, env, recorder.paths)
        for (let look = 0; look < 4; look++) {
          const acked = [...recorder.acked]
          using snapshot = source.snapshot()
          const rows = rowsOf(snapshot.files)
          expect(rows.map(([seq]) => seq)).toEqual(rows.map((_, index) => index + 1))
          expect(rows.map(([, attempt]) => attempt).slice(0, acked.length)).toEqual(acked)
          expect(snapshot.reasons).toEqual([])
        }
      },
    ),
    { numRuns: 400 },
  )
  expect(between).toBeGreaterThan(2_000)
})
