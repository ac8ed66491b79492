import { ANALYSIS_VIEWS } from './analysis/catalogue.ts'
import { QueryError } from './errors.ts'
import { VIEW_COLUMNS, VIEWS } from './views.ts'

/** Where in the caller's text an error stands; 1-based. */
export interface SqlPosition {
  readonly line: number
  readonly column: number
  /** Two lines: the source line (or the part of it that matters) and a caret under the place. */
  readonly excerpt: string
}

const CARET = /\n\nLINE (\d+): ([^\n]*)\n( *)\^\s*$/

/**
 * Takes DuckDB's `LINE n: …` and caret apart, and finds the column in the whole line when DuckDB shortened it with `...`.
 *
 * @param lead lines that stood before the caller's text
 */
export function positionOf(message: string, sql: string, lead = 0): SqlPosition | undefined {
  const match = CARET.exec(message)
  if (!match) return undefined
  const line = Number(match[1]) - lead
  if (line < 1) return undefined
  const shown = match[2] ?? ''
  const caret = (match[3] ?? '').length - `LINE ${match[1]}: `.length
  const whole = sql.split('\n')[line - 1] ?? ''
  const cut = shown.startsWith('...') ? 3 : 0
  const part = shown.slice(cut).replace(/\.\.\.$/, '')
  const start = cut === 0 ? 0 : Math.max(0, whole.indexOf(part))
  const column = start + caret - cut + 1
  return { line, column, excerpt: `${shown}\n${' '.repeat(Math.max(0, caret))}^` }
}

function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + cost))
    }
    previous = row
  }
  return previous[b.length] ?? 0
}

/** The candidate nearest to a mistyped name, when it is near enough to be meant. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const wanted = name.toLowerCase()
  let best: { name: string; distance: number } | undefined
  for (const candidate of candidates) {
    const apart = distance(wanted, candidate)
    if (best === undefined || apart < best.distance) best = { name: candidate, distance: apart }
  }
  return best !== undefined && best.distance <= Math.max(2, Math.floor(wanted.length / 3)) ? best.name : undefined
}

const NAMES: readonly string[] = [...VIEWS, ...ANALYSIS_VIEWS]

/** Names a caller knows from the feed or the envelope, and the column they stand in. */
const SYNONYMS: Readonly<Record<string, string>> = {
  _ts: 'ts',
  timestamp: 'ts',
  time: 'ts',
  _seq: 'seq',
  _source: 'source',
  _session_id: 'session_id',
  session: 'session_id',
  sessionid: 'session_id',
  _game_id: 'game_id',
  gameid: 'game_id',
  game: 'game_id',
  event: 'event_name',
  name: 'event_name',
  data: 'payload',
  raw: 'raw_json',
  tickcount: 'tick',
  tradecount: 'trade_count',
  playerid: 'player_id',
  type: 'doc_type',
}

function hintFor(message: string): { hint: string; suggestion?: string } | undefined {
  const columns = Object.keys(VIEW_COLUMNS)
  const column = /(?:Referenced column|column named|column) "([^"]+)"/i.exec(message)?.[1]
  if (column !== undefined && /not found|does not have/i.test(message)) {
    const suggestion = SYNONYMS[column.toLowerCase()] ?? nearest(column, columns)
    const meant = suggestion === undefined ? '' : `did you mean "${suggestion}"? `
    return { hint: `${meant}columns: ${columns.join(', ')}`, ...(suggestion === undefined ? {} : { suggestion }) }
  }
  const table = /Table with name (\S+) does not exist/.exec(message)?.[1]
  if (table !== undefined) {
    const suggestion = nearest(table, NAMES)
    const meant = suggestion === undefined ? '' : `did you mean "${suggestion}"? `
    return { hint: `${meant}views: ${NAMES.join(', ')}`, ...(suggestion === undefined ? {} : { suggestion }) }
  }
  if (/syntax error/i.test(message)) return { hint: `views: ${NAMES.join(', ')}; DESCRIBE events lists the columns` }
  return undefined
}

/** The error for a statement that is wrong: DuckDB's message, the place in the caller's text, and what to try. */
export function sqlError(cause: unknown, sql: string, lead = 0): QueryError {
  const original = cause instanceof Error ? cause.message : String(cause)
  const message = original.replace(/^Failed to extract statements: /, '')
  const position = positionOf(message, sql, lead)
  const bare = message
    .replace(CARET, '')
    .replace(/\n(?:Did you mean|Candidate bindings:) [^\n]*/g, '')
    .trim()
  const found = hintFor(bare)
  const at = position === undefined ? '' : `\n\n${position.excerpt}`
  const hint = found === undefined ? '' : `\n\nhint: ${found.hint}`
  return new QueryError('QUERY_SQL', `${bare}${at}${hint}`, {
    cause,
    context: {
      detail: bare,
      ...(position === undefined ? {} : { line: position.line, column: position.column, excerpt: position.excerpt }),
      ...(found ?? {}),
    },
  })
}
