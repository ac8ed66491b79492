import { crc32 } from 'node:zlib'
import type { JournalRow, RowPieces } from './row-codec.ts'

/** Version of the segment format, in every header. */
export const JOURNAL_VERSION = 1

/** First line of a segment. */
export interface SegmentHeader {
  readonly vectra: 'journal'
  readonly version: number
  readonly session: string
  readonly segment: number
  /** `seq` of the first row; also ends whatever an earlier segment may hold beyond it. */
  readonly first_seq: number
  readonly info: { readonly source: string | null; readonly origin: string | null; readonly meta: unknown }
}

/** Last line of a sealed segment. */
export interface SegmentFooter {
  readonly end: true
  readonly count: number
  readonly last_seq: number
}

/** `{"c":"` + 8 hex digits + `",`. */
const PREFIX = '{"c":"00000000",'
/** Where the rest of a line starts: what the CRC covers. */
export const REST_OFFSET = PREFIX.length
const HEX_OFFSET = 6
const HEX_END = HEX_OFFSET + 8
const NEWLINE = 10

const PREFIX_BYTES = Buffer.from(PREFIX)

/** CRC-32 as eight lower-case hex digits; compared as text, because parsing would take `A` for `a`. */
function crcText(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, '0')
}

const RAW_KEY = Buffer.from(',"raw_json":"')
const QUOTE = 0x22
const BACKSLASH = 0x5c
const SPACE = 0x20
const CLOSE_BRACE = 0x7d

/** Journal lines in one growing buffer, ready to be handed to another thread. */
export class LineBuffer {
  #buffer: Buffer
  #length = 0

  /** Starts with a capacity in bytes, or with a buffer that came back from another thread. */
  constructor(start: number | ArrayBuffer = 4096) {
    this.#buffer = typeof start === 'number' ? Buffer.allocUnsafeSlow(start) : Buffer.from(start)
  }

  get length(): number {
    return this.#length
  }

  /** Adds one object as a line with its CRC; returns the line's bytes. */
  add(object: JournalRow | SegmentHeader | SegmentFooter): number {
    const start = this.#length
    const end = this.#putHead(start, JSON.stringify(object))
    return this.#finish(start, end)
  }

  /**
   * Adds a row. The same bytes as {@link add} of the row in one piece, in less time: the frame's text is escaped as bytes,
   * because `JSON.stringify` of a long text with many quotes is what appending costs most.
   */
  addRow({ columns, rawJson }: RowPieces): number {
    const start = this.#length
    const end = this.#putHead(start, JSON.stringify(columns))
    const escaped = this.#putRaw(end - 1, rawJson)
    // Control characters need \u escapes, and are rare enough for the slow way.
    return escaped < 0 ? this.add({ ...columns, raw_json: rawJson }) : this.#finish(start, escaped)
  }

  /** Writes prefix and `{...}`; returns where its text ends. */
  #putHead(start: number, json: string): number {
    // UTF-8 needs at most three bytes per UTF-16 unit; count exactly only when that may not fit.
    const free = this.#buffer.length - start - PREFIX.length - 1
    if (free < json.length * 3) {
      const need = Buffer.byteLength(json)
      if (free < need) this.#grow(need + PREFIX.length + 1)
    }
    this.#buffer.set(PREFIX_BYTES, start)
    // `{...}` goes so that its brace lands on the prefix's comma, which is then put back.
    const end = start + REST_OFFSET - 1 + this.#buffer.write(json, start + REST_OFFSET - 1, 'utf8')
    this.#buffer[start + REST_OFFSET - 1] = 0x2c
    return end
  }

  /** Writes `,"raw_json":"…"}` over the closing brace at `at`; negative for text with control characters. */
  #putRaw(at: number, raw: string): number {
    const from = at + RAW_KEY.length
    const size = Buffer.byteLength(raw)
    // Escaped it may take twice its size: it is put behind the first half and read from there.
    const free = this.#buffer.length - from
    if (free < size * 2 + 3) this.#grow(from - this.#length + size * 2 + 3, at)
    const bytes = this.#buffer
    bytes.set(RAW_KEY, at)
    const source = from + size
    bytes.write(raw, source, 'utf8')
    const stop = source + size
    let to = from
    for (let index = source; index < stop; index++) {
      const byte = bytes[index] as number
      if (byte === QUOTE || byte === BACKSLASH) bytes[to++] = BACKSLASH
      else if (byte < SPACE) return -1
      bytes[to++] = byte
    }
    bytes[to++] = QUOTE
    bytes[to++] = CLOSE_BRACE
    return to
  }

  #finish(start: number, end: number): number {
    const crc = crcText(this.#buffer.subarray(start + REST_OFFSET, end))
    this.#buffer.write(crc, start + HEX_OFFSET, 'latin1')
    this.#buffer[end] = NEWLINE
    this.#length = end + 1
    return this.#length - start
  }

  /** Adds a line that was encoded before, without its newline. */
  addVerbatim(line: Uint8Array): void {
    if (this.#buffer.length - this.#length < line.length + 1) this.#grow(line.length + 1)
    this.#buffer.set(line, this.#length)
    this.#length += line.length
    this.#buffer[this.#length++] = NEWLINE
  }

  /** The lines so far; the buffer must not be used any more. */
  take(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#buffer.buffer as ArrayBuffer, this.#buffer.byteOffset, this.#length)
  }

  /** Makes room for `need` more bytes behind the last line, keeping what is written up to `keep`. */
  #grow(need: number, keep = this.#length): void {
    const next = Buffer.allocUnsafeSlow(Math.max(this.#length + need, this.#buffer.length * 2))
    next.set(this.#buffer.subarray(0, keep))
    this.#buffer = next
  }
}

/** One line as bytes. */
export function encodeLine(object: JournalRow | SegmentHeader | SegmentFooter): Uint8Array<ArrayBuffer> {
  const lines = new LineBuffer(512)
  lines.add(object)
  return lines.take()
}

/** Checks form and CRC of one line (without its newline) and parses it; `undefined` when a single byte is wrong. */
export function decodeLine(line: Buffer): unknown {
  if (!isWholeLine(line)) return undefined
  try {
    return JSON.parse(line.toString('utf8'))
  } catch {
    return undefined
  }
}

/** Form and CRC of one line, without its newline. */
export function isWholeLine(line: Buffer): boolean {
  if (line.length <= REST_OFFSET) return false
  for (let at = 0; at < HEX_OFFSET; at++) if (line[at] !== PREFIX_BYTES[at]) return false
  if (line[HEX_END] !== 0x22 || line[HEX_END + 1] !== 0x2c) return false
  return line.toString('latin1', HEX_OFFSET, HEX_END) === crcText(line.subarray(REST_OFFSET))
}
