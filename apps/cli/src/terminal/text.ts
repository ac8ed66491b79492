const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
const WIDE =
  /^(?:\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|[\u3000-\u303e\uff01-\uff60\uffe0-\uffe6])/u
const INVISIBLE = /^(?:\p{Mark}|\p{Cf})/u
const PLAIN = /^[\x20-\x7e]*$/

/** Columns a text takes on a terminal; wide letters and emoji take two. Expects printable text. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment)
  return width
}

/** The text cut to at most `width` columns, its last one an ellipsis when something was cut. */
export function cutTo(text: string, width: number): string {
  if (text.length <= width && PLAIN.test(text)) return text
  if (displayWidth(text) <= width) return text
  let kept = ''
  let used = 0
  for (const { segment } of graphemes.segment(text)) {
    const next = graphemeWidth(segment)
    if (used + next > width - 1) break
    kept += segment
    used += next
  }
  return `${kept}…`
}

/**
 * Text from the feed made safe for a terminal: control characters become visible escapes.
 *
 * Names and chat come from strangers; an escape sequence among them must not move the cursor or set a title.
 */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    if (character === '\n') return '\\n'
    if (character === '\r') return '\\r'
    if (character === '\t') return '\\t'
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

function graphemeWidth(segment: string): number {
  if (WIDE.test(segment)) return 2
  return INVISIBLE.test(segment) ? 0 : 1
}
