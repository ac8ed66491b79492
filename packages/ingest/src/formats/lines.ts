/** What a capture is read from. A function is called once per pass and must give the same bytes each time. */
export type CaptureContent = string | Uint8Array | (() => AsyncIterable<string | Uint8Array>)

/** One line of a capture, without its line break. */
export interface CaptureLine {
  /** From 1. */
  readonly number: number
  /** Null when the bytes are no UTF-8. */
  readonly text: string | null
  /** Approximate text for a report. */
  readonly excerpt: string
}

/** Longest text quoted in a report. */
const EXCERPT = 200

/** The pieces of a capture, as bytes. */
export async function* piecesOf(content: CaptureContent): AsyncGenerator<Uint8Array, void, undefined> {
  if (typeof content === 'string') yield new TextEncoder().encode(content)
  else if (content instanceof Uint8Array) yield content
  else for await (const piece of content()) yield typeof piece === 'string' ? new TextEncoder().encode(piece) : piece
}

/** The lines of a capture; blank ones are left out but counted. A byte order mark at the start is dropped. */
export async function* linesOf(content: CaptureContent): AsyncGenerator<CaptureLine, void, undefined> {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const lenient = new TextDecoder('utf-8', { ignoreBOM: true })
  let number = 0
  let held: Uint8Array[] = []

  function* line(bytes: Uint8Array): Generator<CaptureLine, void, undefined> {
    number += 1
    let body = bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes
    if (number === 1 && body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) body = body.subarray(3)
    let text: string | null
    try {
      text = strict.decode(body)
    } catch {
      text = null
    }
    if (text?.trim() === '') return
    const excerpt = (text ?? lenient.decode(body.subarray(0, 4 * EXCERPT))).slice(0, EXCERPT)
    yield { number, text, excerpt: excerpt.toWellFormed() }
  }

  for await (const piece of piecesOf(content)) {
    let start = 0
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, start)) {
      held.push(piece.subarray(start, end))
      yield* line(held.length === 1 ? (held[0] as Uint8Array) : Buffer.concat(held))
      held = []
      start = end + 1
    }
    // The piece may be the reader's own buffer, used again for the next one: copy what is kept.
    if (start < piece.length) held.push(piece.slice(start))
  }
  if (held.length > 0) yield* line(Buffer.concat(held))
}
