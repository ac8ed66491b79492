import type { Micros } from '@vectra/schemas'
import { sha256 } from '../env.ts'
import { IngestError } from '../errors.ts'
import { eventLog } from '../formats/event-log.ts'
import { type FormatName, isObject, type LineFormat, type ReadContext } from '../formats/format.ts'
import { isKeySamples, readKeySamples } from '../formats/key-samples.ts'
import { type CaptureContent, linesOf, piecesOf } from '../formats/lines.ts'
import { LocalTimes } from '../formats/local-time.ts'
import { rawFrames } from '../formats/raw-frames.ts'
import { recordedGame } from '../formats/recorded-game.ts'
import { redactFrame, redactRaw } from '../redact.ts'
import { uuidV7 } from '../session-id.ts'
import type { BrokenLine, Source, SourceItem } from '../source.ts'

/** What {@link importFile} needs. The caller reads the file: nothing in this package does. */
export interface ImportOptions {
  /** Name of the file, for reports only. */
  readonly name: string
  /** Its text or bytes, or a function that opens them (called for each of the two passes, so that big files need no memory). */
  readonly content: CaptureContent
  /** IANA zone of naive times. Default `America/New_York`, where the known captures were made. */
  readonly timeZone?: string
  /** Largest document that is read whole (key samples). Default 256 MiB. */
  readonly maxDocumentBytes?: number
}

/** A capture file as a source. The same bytes always give the same session, so that importing again adds nothing. */
export interface ImportSource extends Source {
  readonly format: FormatName
  readonly repeatable: { readonly sessionId: string; readonly startedAt: Micros }
  /** Lines that could not be read, filled while the items are pulled. Starts anew with each `items()`. */
  readonly broken: readonly BrokenLine[]
}

/** Part of every session id: a change of how captures become events needs a new number. */
const IMPORT_VERSION = '1'
const LINE_FORMATS: readonly LineFormat[] = [recordedGame, rawFrames, eventLog]
/** Lines looked at before a file is taken for one document. */
const DETECT_LINES = 64

/**
 * Opens a capture: finds its format by content, its first time and its fingerprint (first pass). `items()` is the second.
 *
 * Lines that cannot be read become `broken` items with file, line and reason; all others are imported.
 *
 * @throws IngestError `INGEST_FORMAT_UNKNOWN`, `INGEST_CAPTURE_EMPTY`, `INGEST_CAPTURE_TOO_LARGE`
 * @throws RangeError when `timeZone` is no zone
 */
export async function importFile(options: ImportOptions): Promise<ImportSource> {
  const { name } = options
  const { format, fingerprint } = await inspect(options)
  let startedAt: Micros | undefined
  for await (const { at } of readItems(options, format)) {
    if (at === undefined) continue
    startedAt = at
    break
  }
  if (startedAt === undefined) {
    throw new IngestError('INGEST_CAPTURE_EMPTY', `${name}: no event with a time; nothing to import`, {
      context: { name, format: format.name },
    })
  }
  const broken: BrokenLine[] = []
  return {
    name: 'replay',
    origin: `import:${format.name}`,
    meta: { format: format.name, file: name, fingerprint: hex(fingerprint) },
    format: format.name,
    repeatable: { sessionId: uuidV7(startedAt, fingerprint), startedAt },
    broken,
    async *items(signal) {
      broken.length = 0
      if (signal.aborted) return
      for await (const { item } of readItems(options, format, startedAt)) {
        const kept = withoutSecrets(item)
        if (kept.kind === 'broken') broken.push(kept.broken)
        yield kept
        if (signal.aborted) return
      }
    },
  }
}

/** Others may have captured without cutting. */
function withoutSecrets(item: SourceItem): SourceItem {
  if (item.kind === 'frame') return { kind: 'frame', frame: redactRaw(item.frame) }
  if (item.kind === 'broken') {
    const { text } = redactFrame(item.broken.excerpt, 'sent')
    return { ...item, broken: { ...item.broken, excerpt: text } }
  }
  if (item.kind !== 'record') return item
  const { text, spans } = redactFrame(item.record.text, 'received')
  return spans === 0 ? item : { kind: 'record', record: { ...item.record, text, payload: parse(text).value } }
}

/** The format of a capture by a piece of its content that holds whole lines; null when it is none. For a first look only. */
export function detectFormat(sample: string): FormatName | null {
  for (const line of sample.split('\n').slice(0, DETECT_LINES)) {
    const format = formatOfLine(line)
    if (format) return format.name
  }
  return isKeySamples(parse(sample).value) ? 'key_samples' : null
}

type Format =
  | LineFormat
  | { readonly name: 'key_samples'; readonly text: string; readonly document: Readonly<Record<string, unknown>> }

async function inspect(options: ImportOptions): Promise<{ format: Format; fingerprint: Uint8Array }> {
  const { name, content } = options
  const hash = sha256()
  hash.update(`vectra import ${IMPORT_VERSION}\0`)
  let sizeBytes = 0
  for await (const piece of piecesOf(content)) {
    hash.update(piece)
    sizeBytes += piece.length
  }
  const fingerprint = hash.digest()
  if (sizeBytes === 0)
    throw new IngestError('INGEST_CAPTURE_EMPTY', `${name}: the file is empty; nothing to import`, { context: { name } })
  let seen = 0
  for await (const { text } of linesOf(content)) {
    const format = text === null ? null : formatOfLine(text)
    if (format) return { format, fingerprint }
    seen += 1
    if (seen >= DETECT_LINES) break
  }
  const limit = options.maxDocumentBytes ?? 256 * 1024 * 1024
  if (sizeBytes > limit) {
    const message = `${name}: ${sizeBytes} bytes and no known line format; documents are read whole up to ${limit} bytes`
    throw new IngestError('INGEST_CAPTURE_TOO_LARGE', message, { context: { name, sizeBytes, limit } })
  }
  const text = await wholeText(content)
  const document = parse(text).value
  if (isKeySamples(document)) return { format: { name: 'key_samples', text, document }, fingerprint }
  const message = `${name}: no known capture format (expected raw frames, an event log, key samples or a recorded game)`
  throw new IngestError('INGEST_FORMAT_UNKNOWN', message, { context: { name, sizeBytes } })
}

interface Read {
  readonly item: SourceItem
  /** Time of the item itself; undefined for a broken line. */
  readonly at?: Micros
}

async function* readItems(options: ImportOptions, format: Format, startedAt: Micros = 0): AsyncGenerator<Read, void, undefined> {
  const file = options.name
  let last = startedAt
  const brokenItem = (line: number, reason: string, excerpt: string): Read => ({
    item: { kind: 'broken', broken: { file, line, reason, excerpt }, at: last },
  })
  if (format.name === 'key_samples') {
    for (const { key, line, result } of readKeySamples(format.text, format.document)) {
      if ('broken' in result) yield brokenItem(line, result.broken, key)
      else {
        last = result.at
        yield result
      }
    }
    return
  }
  const context: ReadContext = { times: new LocalTimes(options.timeZone), connection: 0 }
  for await (const { number, text, excerpt } of linesOf(options.content)) {
    if (text === null) {
      yield brokenItem(number, 'not UTF-8', excerpt)
      continue
    }
    const { value, error } = parse(text)
    if (error !== null) {
      yield brokenItem(number, error, excerpt)
      continue
    }
    const result =
      isObject(value) && format.matches(value) ? format.read(text, value, context) : { broken: `no ${format.name} line` }
    if ('broken' in result) yield brokenItem(number, result.broken, excerpt)
    else {
      last = result.at
      yield result
    }
  }
}

function formatOfLine(text: string): LineFormat | null {
  const { value } = parse(text)
  return LINE_FORMATS.find((format) => format.matches(value)) ?? null
}

function parse(text: string): { value: unknown; error: string | null } {
  try {
    return { value: JSON.parse(text), error: null }
  } catch (error) {
    return {
      value: undefined,
      error: `not JSON: ${(error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').slice(0, 160).toWellFormed()}`,
    }
  }
}

async function wholeText(content: CaptureContent): Promise<string> {
  if (typeof content === 'string') return content
  const pieces: Uint8Array[] = []
  for await (const piece of piecesOf(content)) pieces.push(piece.slice())
  return new TextDecoder('utf-8').decode(Buffer.concat(pieces))
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
