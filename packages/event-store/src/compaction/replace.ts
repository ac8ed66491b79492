import { createHash } from 'node:crypto'
import path from 'node:path'
import type { DocType } from '@vectra/schemas'
import type { FileMeta } from '../catalog.ts'
import type { NewFile, SeqSpan } from '../catalog-records.ts'
import type { SqliteCatalogWriter } from '../catalog-writer.ts'
import { SCHEMA_VERSION } from '../columns.ts'
import { type DurableDirectories, durableWrite } from '../durable.ts'
import type { Env } from '../env.ts'
import { EventStoreError } from '../errors.ts'
import type { FsPort } from '../fs-port.ts'
import { fileDigest } from '../integrity/digest.ts'
import { mergedPath, receiptFile, type StorePaths, stagedPath, temporaryPath } from '../paths.ts'
import { gapEnd } from '../segment.ts'
import type { PartMerger, RowDigest, RowFilter } from './merger.ts'
import { commitOf, type Receipt, type ReceiptInput, receiptId, receiptText } from './receipt.ts'

/** What replacing files needs of the world. The caller holds the maintenance lock. */
export interface ReplaceDeps {
  readonly env: Env
  readonly paths: StorePaths
  readonly directories: DurableDirectories
  readonly catalog: SqliteCatalogWriter
  readonly merger: PartMerger
}

/** Files of one partition and what becomes of their rows. */
export interface ReplaceJob {
  readonly docType: DocType
  readonly date: string
  readonly inputs: readonly FileMeta[]
  /** Retention: only these games' rows are kept. Without it every row is. */
  readonly keep?: RowFilter
}

/** What a replacement did. */
export interface Replacement {
  readonly receiptId: string
  /** Null when no row was kept. */
  readonly output: NewFile | null
  readonly inputs: number
  readonly rows: number
}

function assertWhole(fs: FsPort, input: FileMeta): void {
  const found = fileDigest(fs, input.absolutePath)
  if (found.sha256 === input.sha256 && found.bytes === input.bytes) return
  throw new EventStoreError(
    'STORE_PROOF',
    `${input.path} is not as it was written, so it is not merged; run: vectra store verify`,
    { context: { path: input.path } },
  )
}

function unproven(what: string, expected: unknown, found: unknown, job: ReplaceJob): EventStoreError {
  return new EventStoreError(
    'STORE_PROOF',
    `${what} of ${job.docType} ${job.date}: ${String(found)}, expected ${String(expected)}; the inputs stay as they are`,
    {
      context: { docType: job.docType, date: job.date, expected, found },
    },
  )
}

/** What gap rows account for beyond their own seq, for the seqs that go. */
function declaredBy(spans: readonly SeqSpan[], gaps: Receipt['origins']['gaps']): SeqSpan[] {
  return gaps.flatMap(({ sessionId, seq, detail }) => {
    const end = gapEnd(detail, seq)
    const gone = spans.some((span) => span.sessionId === sessionId && span.from <= seq && seq <= span.to)
    return end > seq && gone ? [{ sessionId, from: seq + 1, to: end }] : []
  })
}

/** Games of files together; nothing when one of them does not tell. */
function spanOfFiles(files: readonly FileMeta[]): Pick<FileMeta, 'games'> {
  const spans = files.map((file) => file.games)
  if (spans.includes(undefined)) return {}
  const known = spans.filter((span) => span !== null && span !== undefined)
  const firsts = known.map((span) => span.first).sort()
  const lasts = known.map((span) => span.last).sort()
  const [first, last] = [firsts[0], lasts.at(-1)]
  return { games: first === undefined || last === undefined ? null : { first, last } }
}

/** Writes and proves the output under a name no glob sees; nothing is committed. Null when there is no row to keep. */
async function writeOutput(
  deps: ReplaceDeps,
  job: ReplaceJob,
  id: string,
): Promise<{ output: NewFile | null; rows: number; contentHash: string }> {
  const { fs } = deps.env
  const inputs = job.inputs.map(({ absolutePath, rows, bytes }) => ({ path: absolutePath, rows, bytes }))
  const listed = job.inputs.reduce((sum, input) => sum + input.rows, 0)
  const relative = mergedPath(job.docType, job.date, id)
  const final = path.join(deps.paths.root, ...relative.split('/'))
  const temporary = temporaryPath(final)
  deps.directories.ensure(path.dirname(final))
  const metadata = ({ contentHash }: RowDigest): Readonly<Record<string, string>> => ({
    'vectra.schema_version': String(SCHEMA_VERSION),
    'vectra.doc_type': job.docType,
    'vectra.writer': deps.merger.name,
    'vectra.receipt': id,
    'vectra.content_hash': contentHash,
  })
  let before: RowDigest
  try {
    before = await deps.merger.merge(inputs, temporary, metadata, job.keep)
    if (job.keep === undefined && before.rows !== listed) throw unproven('rows in the inputs', listed, before.rows, job)
    if (before.rows === 0) return { output: null, rows: 0, contentHash: before.contentHash }
    fs.fsyncFile(temporary)
    const after = await deps.merger.digest([temporary])
    if (after.rows !== before.rows) throw unproven('rows in the output', before.rows, after.rows, job)
    if (after.contentHash !== before.contentHash)
      throw unproven('content hash of the output', before.contentHash, after.contentHash, job)
  } catch (error) {
    if (fs.stat(temporary) !== undefined) fs.unlink(temporary)
    throw error
  }
  const { bytes, sha256 } = fileDigest(fs, temporary)
  fs.rename(temporary, stagedPath(final))
  fs.fsyncDir(path.dirname(final))
  const { rows, contentHash, seqFirst, seqLast, tsMin, tsMax } = before
  const output: NewFile = {
    path: relative,
    docType: job.docType,
    date: job.date,
    sessionId: null,
    segment: null,
    rows,
    bytes,
    sha256,
    seqFirst,
    seqLast,
    tsMin,
    tsMax,
    schemaVersion: SCHEMA_VERSION,
    writer: deps.merger.name,
    ...spanOfFiles(job.inputs),
  }
  return { output, rows, contentHash }
}

/**
 * Replaces files by one proven file (or, for retention, by what is kept of them): check the inputs' bytes, write, sync, prove,
 * stage, receipt, one catalog transaction. Inputs stay on the disk until {@link sweepRetired} finds that nobody needs them.
 *
 * Until the transaction nothing has happened that a recovery does not undo; after it nothing that it does not finish.
 *
 * @throws STORE_PROOF, STORE_CONFLICT
 */
export async function replaceFiles(deps: ReplaceDeps, job: ReplaceJob): Promise<Replacement> {
  const { fs, clock } = deps.env
  const inputs: ReceiptInput[] = job.inputs.map(({ path: at, rows, bytes, sha256 }) => ({ path: at, rows, bytes, sha256 }))
  const kind = job.keep === undefined ? 'merge' : 'prune'
  const id = receiptId(kind, inputs, job.keep?.games)
  for (const input of job.inputs) assertWhole(fs, input)
  const origins = deps.catalog.origins(job.inputs)
  const spans =
    job.keep === undefined
      ? []
      : await deps.merger.droppedSpans(
          job.inputs.map((input) => input.absolutePath),
          job.keep,
        )
  const { output, rows, contentHash } = await writeOutput(deps, job, id)
  const receipt: Receipt = {
    format: 1,
    id,
    kind,
    docType: job.docType,
    date: job.date,
    at: clock.now(),
    inputs,
    inputRows: inputs.reduce((sum, input) => sum + input.rows, 0),
    rows,
    contentHash,
    output,
    dropped: [...spans, ...declaredBy(spans, origins.gaps)],
    origins,
  }
  deps.directories.ensure(deps.paths.receipts)
  const text = receiptText(receipt)
  durableWrite(fs, path.join(deps.paths.receipts, receiptFile(id)), Buffer.from(text))
  deps.catalog.commitMerge(commitOf(receipt, createHash('sha256').update(text).digest('hex')), receipt.at)
  return { receiptId: id, output, inputs: inputs.length, rows }
}
