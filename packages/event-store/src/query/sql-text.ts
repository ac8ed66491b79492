/** Index behind a quoted run that starts at `at`; the end of the text when it is never closed. */
function behindQuote(text: string, at: number, quote: string, backslash: boolean): number {
  for (let i = at + 1; i < text.length; i++) {
    if (backslash && text[i] === '\\') i++
    else if (text[i] === quote) {
      if (text[i + 1] !== quote) return i + 1
      i++
    }
  }
  return text.length
}

function behindBlockComment(text: string, at: number): number {
  let depth = 0
  for (let i = at; i < text.length; i++) {
    if (text.startsWith('/*', i)) {
      depth++
      i++
    } else if (text.startsWith('*/', i)) {
      depth--
      i++
      if (depth === 0) return i + 1
    }
  }
  return text.length
}

/** Index behind the blank, comment, string or quoted name that starts at `at`; `at` itself when none starts there. */
function behindOpaque(text: string, at: number): number {
  const char = text[at] ?? ''
  if (text.startsWith('--', at)) {
    const end = text.indexOf('\n', at)
    return end < 0 ? text.length : end + 1
  }
  if (text.startsWith('/*', at)) return behindBlockComment(text, at)
  if (char === "'") {
    const escaped = /[eE]/.test(text[at - 1] ?? '') && !/[\w$]/.test(text[at - 2] ?? ' ')
    return behindQuote(text, at, "'", escaped)
  }
  if (char === '"') return behindQuote(text, at, '"', false)
  if (char === '$' && !/[\w$]/.test(text[at - 1] ?? ' ')) {
    const tag = /^\$(?:[A-Za-z_]\w*)?\$/.exec(text.slice(at, at + 66))?.[0]
    if (tag !== undefined) {
      const end = text.indexOf(tag, at + tag.length)
      return end < 0 ? text.length : end + tag.length
    }
  }
  return at
}

/** True when nothing but blanks and comments stands in the text. */
function isBlank(text: string): boolean {
  for (let i = 0; i < text.length; ) {
    if (/\s/.test(text[i] ?? '')) i++
    else if (text.startsWith('--', i) || text.startsWith('/*', i)) i = behindOpaque(text, i)
    else return false
  }
  return true
}

/**
 * Cuts SQL text at its top-level semicolons; pieces of blanks and comments only are dropped.
 *
 * A convenience that makes good messages and lets a statement be put in brackets. The guarantee that one read-only statement runs
 * does not rest on it: the engine's own parser counts the statements too.
 */
export function splitStatements(text: string): string[] {
  const statements: string[] = []
  let start = 0
  for (let i = 0; i < text.length; ) {
    if (text[i] === ';') {
      statements.push(text.slice(start, i))
      start = ++i
      continue
    }
    const next = behindOpaque(text, i)
    i = next === i ? i + 1 : next
  }
  statements.push(text.slice(start))
  return statements.filter((statement) => !isBlank(statement))
}

/**
 * Replaces `$1`, `$name` and `?` outside strings, quoted names and comments.
 *
 * @param value told the name behind `$`; `undefined` for a `?`
 */
export function replaceParameters(text: string, value: (name: string | undefined) => string): string {
  let out = ''
  for (let at = 0; at < text.length; ) {
    const next = behindOpaque(text, at)
    if (next > at) {
      out += text.slice(at, next)
      at = next
      continue
    }
    const word = /^[\w$]/.test(text[at - 1] ?? '')
    const name = text[at] === '$' && !word ? /^\$(\w+)/.exec(text.slice(at, at + 130))?.[1] : undefined
    if (name !== undefined || text[at] === '?') {
      out += value(name)
      at += name === undefined ? 1 : name.length + 1
    } else out += text[at++]
  }
  return out
}

/** The statement without the blanks and comments before its first word. */
export function withoutLead(text: string): string {
  let at = 0
  while (at < text.length) {
    if (/\s/.test(text[at] ?? '')) at++
    else if (text.startsWith('--', at) || text.startsWith('/*', at)) at = behindOpaque(text, at)
    else break
  }
  return text.slice(at)
}

/** First word of a statement in upper case, e.g. `SELECT`; empty when it starts with something else. */
export function firstKeyword(text: string): string {
  return /^[A-Za-z_]+/.exec(withoutLead(text))?.[0].toUpperCase() ?? ''
}

/** What an `EXPLAIN` explains, and how; `undefined` for any other statement. */
export function explained(text: string): { readonly prefix: string; readonly inner: string } | undefined {
  const bare = withoutLead(text)
  const match = /^EXPLAIN(?:\s+ANALYZE)?(?:\s*\(\s*(?:(?:ANALYZE|FORMAT\s+\w+)\s*,?\s*)*\))?(?=[\s(])/i.exec(bare)
  if (!match) return undefined
  return { prefix: match[0], inner: bare.slice(match[0].length) }
}

/** A string as a SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
