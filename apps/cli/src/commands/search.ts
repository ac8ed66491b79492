import { CODE_KINDS, EVENT_KINDS, type Hit, type SearchFilter, type SearchMode } from '@vectra/vectors'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { type IndexOptions, openTables, tablesOf } from '../indexing.ts'
import { printable } from '../terminal/text.ts'
import { formatAge, formatWhen } from '../terminal/when.ts'
import { timeRange } from '../time-range.ts'

/** Options of `vectra search`. */
export interface SearchOptions extends IndexOptions {
  readonly limit: number
  readonly mode?: SearchMode
  readonly explain?: boolean
  readonly since?: string
  readonly until?: string
  readonly game?: string
  readonly event?: string
  readonly kind?: readonly string[]
  readonly tag?: readonly string[]
  readonly author?: string
  readonly path?: string
  readonly cursor?: string
}

const KINDS = [...EVENT_KINDS, ...CODE_KINDS, 'note'] as const

/** `vectra search TEXT --table …`: hits with their place, the best first. */
export async function search(context: CommandContext, operands: readonly string[], options: SearchOptions): Promise<ExitCode> {
  const [first, ...others] = tablesOf(options.table) ?? []
  const text = operands.join(' ')
  if (first === undefined || text.trim() === '') {
    throw new CliError('CLI_USAGE', first === undefined ? 'which table?' : 'search for what?', {
      exitCode: EXIT.usage,
      hint: 'vectra search "player balance update" --table events   (events, code, notes, or all)',
    })
  }
  for (const kind of options.kind ?? []) {
    if (KINDS.some((known) => known === kind)) continue
    throw new CliError('CLI_USAGE', `no kind ${kind}`, { exitCode: EXIT.usage, hint: `kinds are ${KINDS.join(', ')}` })
  }
  const { indexer } = await openTables(context, options)
  await using _indexer = indexer
  const range = timeRange({
    ...(options.since === undefined ? {} : { since: options.since }),
    ...(options.until === undefined ? {} : { until: options.until }),
  })
  const filter: SearchFilter = {
    ...range,
    game: options.game,
    event: options.event,
    kinds: options.kind,
    tags: options.tag,
    author: options.author,
    path: options.path,
  }
  const answer = await indexer.search({
    ...{ text, tables: [first, ...others], mode: options.mode, k: options.limit, filter },
    ...{ explain: options.explain, cursor: options.cursor, signal: context.signal },
  })
  if (context.json) {
    await context.io.line(JSON.stringify(answer))
    return EXIT.ok
  }
  for (const notice of answer.notices) context.io.say(notice)
  for (const hit of answer.hits) await context.io.line(hitText(context, hit))
  if (answer.hits.length === 0) context.io.say('nothing found')
  const now = Date.now()
  const age = answer.freshness.map(
    ({ table, rows, complete, syncedAt }) =>
      `${table} ${rows} rows, ${complete && syncedAt !== null ? `as of ${formatAge(syncedAt * 1_000, now)}` : 'not complete'}`,
  )
  context.io.say(`${age.join('; ')}${answer.next === null ? '' : `; more with --cursor ${answer.next}`}`)
  return EXIT.ok
}

function hitText({ io }: CommandContext, hit: Hit): string {
  const { ts, session_id, seq, game_id, path, line, author, verdict } = hit.reference
  const place = [
    path === undefined ? undefined : `${path}${line === undefined ? '' : `:${line}`}`,
    ts === undefined ? undefined : formatWhen(ts, 'seconds'),
    game_id === undefined ? undefined : `game ${game_id}`,
    session_id === undefined ? undefined : `${session_id}:${seq}`,
    author === undefined ? undefined : `by ${author}`,
    verdict,
  ]
  const explain =
    hit.explain === undefined ? '' : `  bm25 #${hit.explain.bm25?.rank ?? '–'} dense #${hit.explain.dense?.rank ?? '–'}`
  const title = `${io.styled('bold', printable(hit.title))}  ${io.styled('dim', `${hit.table} ${hit.kind}${explain}`)}`
  const where = printable(place.filter((part) => part !== undefined).join('  '))
  return `${title}\n  ${marked(io, hit).replaceAll('\n', '\n  ')}\n${where === '' ? '' : `  ${io.styled('dim', where)}\n`}`
}

function marked(io: CommandContext['io'], { snippet }: Hit): string {
  let text = ''
  let at = 0
  for (const [start, end] of snippet.matches) {
    text += `${printableLines(snippet.text.slice(at, start))}${io.styled('yellow', printable(snippet.text.slice(start, end)))}`
    at = end
  }
  return text + printableLines(snippet.text.slice(at))
}

const printableLines = (text: string): string => text.split('\n').map(printable).join('\n')
