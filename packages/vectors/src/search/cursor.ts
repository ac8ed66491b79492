import { createHash } from 'node:crypto'
import { VectorsError } from '../errors.ts'

/** Where the next page starts, and of which query. */
interface Position {
  readonly offset: number
  readonly query: string
}

/** Short name of a query: a cursor of another one is refused. */
export function queryKey(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 12)
}

/** An opaque cursor. */
export function encodeCursor(offset: number, query: string): string {
  return Buffer.from(JSON.stringify([offset, query])).toString('base64url')
}

/** @throws VectorsError VECTORS_CURSOR for what is no cursor of this query */
export function decodeCursor(cursor: string, query: string): Position {
  try {
    const [offset, of] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    if (Number.isSafeInteger(offset) && (offset as number) >= 0 && of === query) return { offset: offset as number, query }
  } catch {
    // Not JSON: no cursor of ours.
  }
  throw new VectorsError('VECTORS_CURSOR', 'this cursor belongs to another query; ask again without it', { context: { cursor } })
}
