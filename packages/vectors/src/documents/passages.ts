/** Tokens of one passage at most, by {@link estimateTokens}; the model reads 256. */
export const PASSAGE_TOKENS = 200

const PIECE = /[A-Za-z]+|[0-9]+|\s+|[^\sA-Za-z0-9]/gu

/**
 * How many tokens a BERT word-piece tokenizer makes of a text, from above: short words are one, long and rare ones several,
 * digits and hexadecimal nearly one each, every other character one.
 */
export function estimateTokens(text: string): number {
  let tokens = 0
  let previous = ''
  for (const [piece] of text.matchAll(PIECE)) {
    if (/^\s/.test(piece)) {
      previous = ''
      continue
    }
    if (/^[A-Za-z]/.test(piece)) {
      const glued = /\d$/.test(previous)
      tokens += glued ? Math.ceil(piece.length / 1.5) : piece.length <= 7 ? 1 : Math.ceil(piece.length / 3)
    } else if (/^\d/.test(piece)) tokens += Math.max(1, Math.ceil(piece.length / 1.5))
    else tokens += 1
    previous = piece
  }
  return tokens
}

/**
 * A text in passages of at most `limit` tokens, cut between paragraphs, else lines, else sentences, else words, else anywhere.
 * Joined again they are the text, but for the white space at the cuts.
 */
export function splitPassages(text: string, limit: number = PASSAGE_TOKENS): string[] {
  const whole = text.trim()
  if (whole === '') return []
  return pack(whole, Math.max(8, limit), [/\n{2,}/, /\n/, /(?<=[.!?;])\s+/, /\s+/])
}

const JOINT = ['\n\n', '\n', ' ', ' '] as const

function pack(text: string, limit: number, cuts: readonly RegExp[]): string[] {
  if (estimateTokens(text) <= limit) return [text]
  const [cut, ...finer] = cuts
  if (cut === undefined) return chop(text, limit)
  const joint = JOINT[JOINT.length - cuts.length] ?? ' '
  const passages: string[] = []
  let open = ''
  for (const part of text.split(cut)) {
    if (part.trim() === '') continue
    const joined = open === '' ? part : `${open}${joint}${part}`
    if (estimateTokens(joined) <= limit) {
      open = joined
      continue
    }
    if (open !== '') passages.push(open)
    open = ''
    if (estimateTokens(part) <= limit) open = part
    else passages.push(...pack(part, limit, finer))
  }
  if (open !== '') passages.push(open)
  return passages
}

function chop(text: string, limit: number): string[] {
  const passages: string[] = []
  const size = Math.max(1, Math.floor(limit * 0.9))
  const characters = [...text]
  for (let at = 0; at < characters.length; at += size) passages.push(characters.slice(at, at + size).join(''))
  return passages
}
