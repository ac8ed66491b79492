import { createHash } from 'node:crypto'

/** Hash of declaration texts with their white space folded and their order ignored: 12 hex digits. */
export function signatureOf(declarations: readonly string[]): string {
  const folded = declarations.map((text) => text.replace(/\s+/g, ' ').trim()).sort()
  return createHash('sha256').update(folded.join('\n')).digest('hex').slice(0, 12)
}

/** First sentence of a comment or docstring, marks removed; `null` when there is nothing to say. */
export function firstSentence(comment: string): string | null {
  const text = comment
    .split(/\r?\n/)
    .map((line) => line.replace(/^\s*\*+ ?/, '').trim())
    .join('\n')
    .trim()
  const paragraph = (text.split(/\n\s*\n|\n(?=@)/)[0] ?? '').replace(/\s+/g, ' ').trim()
  const sentence = /^.*?[.!?](?=\s|$)/.exec(paragraph)?.[0] ?? paragraph
  return sentence.length < 3 || /^(eslint|biome|@ts-|copyright|license|#!)/i.test(sentence) ? null : sentence.slice(0, 300)
}
