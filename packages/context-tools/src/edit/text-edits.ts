/** Replacement of one stretch of a text; `start === end` inserts. */
export interface TextEdit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * Applies edits given in offsets of the original. Whatever no edit covers stays byte for byte.
 * Of two edits that overlap the one that starts first wins.
 */
export function applyEdits(source: string, edits: readonly TextEdit[]): string {
  const ordered = [...edits].sort((a, b) => a.start - b.start || a.end - b.end)
  let out = ''
  let at = 0
  for (const edit of ordered) {
    if (edit.start < at) continue
    out += source.slice(at, edit.start) + edit.text
    at = edit.end
  }
  return out + source.slice(at)
}
