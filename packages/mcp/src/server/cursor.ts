import { createHash } from 'node:crypto'
import { McpError } from '../errors.ts'

/** Short name of a question: a cursor belongs to one, and is refused by every other. */
function keyOf(question: unknown): string {
  return createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 12)
}

/** An opaque cursor: where the next page of this very question begins. */
export function encodeCursor(question: unknown, position: unknown): string {
  return Buffer.from(JSON.stringify([keyOf(question), position])).toString('base64url')
}

/** @throws McpError MCP_CURSOR for a cursor of another question, or for none of ours */
export function decodeCursor(question: unknown, cursor: string): unknown {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(parsed) && parsed.length === 2 && parsed[0] === keyOf(question)) return parsed[1]
  } catch {
    // Said below.
  }
  throw new McpError(
    'MCP_CURSOR',
    'this cursor belongs to other arguments; repeat the call without cursor, or with the arguments it came from',
  )
}
