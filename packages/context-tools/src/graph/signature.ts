import { createHash } from 'node:crypto'

/** Hash of declaration texts with their white space folded and their order ignored: 12 hex digits. */
export function signatureOf(declarations: readonly string[]): string {
  const folded = declarations.map((text) => text.replace(/\s+/g, ' ').trim()).sort()
  return createHash('sha256').update(folded.join('\n')).digest('hex').slice(0, 12)
}

/** Sentences that give a reason, at most two of a file: why it is as it is, in its authors' words. */
export function reasonsIn(comments: Iterable<string>): string[] {
  const found: string[] = []
  for (const comment of comments) {
    const text = folded(comment)
    for (const sentence of text.split(/(?<=[.!?])\s+/)) {
      if (
        /\b(?:because|so that|rather than|instead of|on purpose|otherwise)\b/i.test(sentence) &&
        /^[\p{Lu}\d`]/u.test(sentence) &&
        /[.!]$/.test(sentence) &&
        sentence.length > 40 &&
        sentence.length < 220
      )
        found.push(sentence)
      if (found.length === 2) return found
    }
  }
  return found
}

function folded(comment: string): string {
  return comment
    .split(/\r?\n/)
    .map((line) => line.replace(/^\s*(?:\*+|#+) ?/, '').trim())
    .join(' ')
    .replace(/\{@link\s+([^}]+)\}/g, '`$1`')
    .replace(/\s@\w+[\s\S]*$/, '')
    .replace(/\s+/g, ' ')
    .trim()
}

/** First sentence of a comment or docstring, marks removed; `null` when there is nothing to say. */
export function firstSentence(comment: string): string | null {
  const text = comment
    .split(/\r?\n/)
    .map((line) => line.replace(/^\s*\*+ ?/, '').trim())
    .join('\n')
    .replace(/^\s*(?:([=~^"'#*+-])\1{2,}\n)?[^\n]*\n([=~^"'#*+-])\2{2,}\n(?=\s*[\p{L}\d`])/u, '')
    .trim()
  const paragraph = (text.split(/\n\s*\n|\n(?=@)/)[0] ?? '').replace(/\s+/g, ' ').trim()
  const plain = paragraph.replace(/\{@link\s+([^}]+)\}/g, '`$1`')
  const sentence = /^.*?[.!?](?=\s+[\p{Lu}`]|$)/u.exec(plain)?.[0] ?? plain
  return sentence.length < 3 || /^(eslint|biome|@ts-|copyright|license|#!)/i.test(sentence) ? null : sentence.slice(0, 300)
}
