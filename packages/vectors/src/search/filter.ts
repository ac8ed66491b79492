import type { Micros } from '@vectra/schemas'
import type { TableName } from '../documents/document.ts'
import { VectorsError } from '../errors.ts'
import { anyOf, sqlText } from '../predicate.ts'
import { DEFINITIONS } from '../tables.ts'

/** What a hit must be. Every condition given must hold; a list means any of it. */
export interface SearchFilter {
  readonly kinds?: readonly string[] | undefined
  /** Inclusive, microseconds UTC. */
  readonly since?: Micros | undefined
  /** Exclusive, microseconds UTC. */
  readonly until?: Micros | undefined
  readonly game?: string | undefined
  readonly session?: string | undefined
  /** Event name, e.g. `standard/newTrade`. */
  readonly event?: string | undefined
  readonly player?: string | undefined
  readonly author?: string | undefined
  /** Notes with all of these tags. */
  readonly tags?: readonly string[] | undefined
  /** A file, or a folder when it ends in `/`. */
  readonly path?: string | undefined
}

/**
 * The filter as a predicate of one table; undefined when it asks for nothing. Values are quoted, never spliced in as they are.
 *
 * @throws VectorsError VECTORS_FILTER for a column that the table has not, or a value of another type
 */
export function predicateOf(table: TableName, filter: SearchFilter): string | undefined {
  const columns = DEFINITIONS[table].columns
  const parts: string[] = []
  const unfit = (name: string, why: string): VectorsError =>
    new VectorsError('VECTORS_FILTER', `filter ${name}: ${why}`, { context: { table, filter: name } })
  const text = (name: string, value: unknown): string => {
    if (typeof value !== 'string' || value === '' || value.includes('\0')) throw unfit(name, 'is no text')
    return value
  }
  const has = (name: string, ...columnNames: string[]): string => {
    const column = columnNames.find((candidate) => candidate in columns)
    if (column === undefined) throw unfit(name, `${table} has no such column`)
    return column
  }
  const equals = (name: string, value: unknown, column: string): void => {
    if (value !== undefined) parts.push(`${has(name, column)} = ${sqlText(text(name, value))}`)
  }
  const bound = (name: string, value: unknown, operator: string): void => {
    if (value === undefined) return
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw unfit(name, 'is no time in whole microseconds')
    parts.push(`${has(name, 'ts')} ${operator} to_timestamp_millis(${Math.ceil(value / 1000)})`)
  }
  const list = (name: string, values: unknown): string[] => {
    if (!Array.isArray(values) || values.length === 0) throw unfit(name, 'is no list')
    return values.map((value) => text(name, value))
  }
  if (filter.kinds !== undefined) parts.push(anyOf('kind', list('kinds', filter.kinds)))
  bound('since', filter.since, '>=')
  bound('until', filter.until, '<')
  equals('session', filter.session, 'session_id')
  equals('event', filter.event, 'event_name')
  equals('player', filter.player, 'player_id')
  equals('author', filter.author, 'author')
  if (filter.game !== undefined) {
    const game = sqlText(text('game', filter.game))
    const column = has('game', 'game_id', 'games')
    parts.push(column === 'games' ? `array_has(games, ${game})` : `game_id = ${game}`)
  }
  if (filter.tags !== undefined) {
    has('tags', 'tags')
    for (const tag of list('tags', filter.tags)) parts.push(`array_has(tags, ${sqlText(tag)})`)
  }
  if (filter.path !== undefined) parts.push(pathCondition(text('path', filter.path), has('path', 'path', 'files')))
  return parts.length === 0 ? undefined : parts.join(' AND ')
}

function pathCondition(path: string, column: string): string {
  const isFolder = path.endsWith('/')
  if (column === 'files') {
    // A predicate cannot look into each element of a list: the list as lines, every one with a line's beginning before it.
    return isFolder
      ? `contains(concat('\n', array_to_string(files, '\n')), ${sqlText(`\n${path}`)})`
      : `array_has(files, ${sqlText(path)})`
  }
  return isFolder ? `starts_with(path, ${sqlText(path)})` : `path = ${sqlText(path)}`
}
