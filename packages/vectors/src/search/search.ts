import type { Micros } from '@vectra/schemas'
import type { TableName } from '../documents/document.ts'
import type { Embedder } from '../embedder.ts'
import { VectorsError } from '../errors.ts'
import { lancedb } from '../lance.ts'
import { type LanceTable, plainValue } from '../lance-table.ts'
import { anyOf } from '../predicate.ts'
import { columnNames } from '../tables.ts'
import { decodeCursor, encodeCursor, queryKey } from './cursor.ts'
import { predicateOf, type SearchFilter } from './filter.ts'
import { type Fused, fuse, type Rank } from './fusion.ts'
import type { QueryWords, Weights } from './query-words.ts'
import { type Snippet, snippetOf } from './snippet.ts'

/** How to rank. `hybrid` fuses the other two. */
export const SEARCH_MODES = ['hybrid', 'bm25', 'dense'] as const
export type SearchMode = (typeof SEARCH_MODES)[number]

/** One search. */
export interface SearchRequest {
  readonly text: string
  /** Which table, or which ones: nothing crosses tables unless they are named. */
  readonly tables: readonly [TableName, ...TableName[]]
  /** Default `hybrid`; without a model `bm25`, and the answer says so. */
  readonly mode?: SearchMode | undefined
  /** Hits of one page, default 10, at most 100. */
  readonly k?: number | undefined
  readonly filter?: SearchFilter | undefined
  /** Both ranks of every hit. */
  readonly explain?: boolean | undefined
  /** `next` of an earlier answer to the same request. */
  readonly cursor?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** Where a hit points. What a table has no column for is absent. */
export interface HitReference {
  readonly ts?: Micros
  readonly game_id?: string
  readonly session_id?: string
  readonly seq?: number
  readonly event_name?: string
  readonly player_id?: string
  readonly path?: string
  readonly module?: string
  readonly line?: number
  readonly verdict?: string
  readonly author?: string
  readonly tags?: readonly string[]
  readonly games?: readonly string[]
  readonly files?: readonly string[]
  readonly events?: readonly string[]
}

/** One row that was found. Its texts are data: events and notes hold what strangers typed. */
export interface Hit {
  readonly table: TableName
  readonly id: string
  readonly kind: string
  readonly title: string
  readonly heading_path: string
  readonly body: string
  readonly snippet: Snippet
  /** Comparable inside one answer only. */
  readonly score: number
  readonly reference: HitReference
  readonly explain?: {
    readonly bm25: Rank | null
    readonly dense: Rank | null
    readonly weights: Weights
    readonly form: QueryWords['form']
  }
}

/** The hits of one table, before they are shown. */
export interface TableRanking {
  readonly table: TableName
  readonly ranked: readonly Fused[]
}

/** Candidates that each ranking gives: pages end behind them. */
const DEPTH = 200

/** Both rankings of one table, fused. */
export async function rankTable(
  table: LanceTable<TableName>,
  words: QueryWords,
  vector: Float32Array | undefined,
  mode: SearchMode,
  filter: SearchFilter,
): Promise<Fused[]> {
  const where = predicateOf(table.name, filter)
  const useBm25 = mode !== 'dense'
  const useDense = vector !== undefined && (mode === 'dense' || (mode === 'hybrid' && words.weights.dense > 0))
  const [bm25, dense] = await Promise.all([
    useBm25 ? bm25Ranks(table, words.bm25, where) : undefined,
    useDense ? denseRanks(table, vector, where) : undefined,
  ])
  // A name that is written nowhere: its meaning is all there is.
  if (mode === 'hybrid' && words.form === 'names' && vector !== undefined && bm25?.size === 0) {
    return fuse(new Map(), await denseRanks(table, vector, where), { bm25: 0, dense: 1 })
  }
  const weights = mode === 'hybrid' ? words.weights : { bm25: 1, dense: 1 }
  return fuse(bm25 ?? new Map(), dense ?? new Map(), weights)
}

async function bm25Ranks(table: LanceTable<TableName>, text: string, where: string | undefined): Promise<Map<string, Rank>> {
  const query = new lancedb.MatchQuery(text, 'fts_text', { operator: lancedb.Operator.Or })
  const search = table.table.query().fullTextSearch(query).select(['id', '_score']).limit(DEPTH)
  try {
    return ranks(await (where === undefined ? search : search.where(where)).toArray(), '_score', -1)
  } catch (error) {
    // The very first run died between its first rows and their index: nothing can be ranked yet, and the next run repairs it.
    if (!(await table.isSearchable())) return new Map()
    throw error
  }
}

async function denseRanks(
  table: LanceTable<TableName>,
  vector: Float32Array,
  where: string | undefined,
): Promise<Map<string, Rank>> {
  const search = table.table.vectorSearch(vector).distanceType('cosine').select(['id', '_distance']).limit(DEPTH)
  return ranks(await (where === undefined ? search : search.where(where)).toArray(), '_distance', 1)
}

/** Ranks from 1; rows of equal score by id, so that the order does not depend on where they lie on disk. */
function ranks(rows: readonly Record<string, unknown>[], column: string, sign: 1 | -1): Map<string, Rank> {
  const scored = rows
    .map((row) => ({ id: String(row['id']), score: Number(row[column]) }))
    .filter(({ score }) => Number.isFinite(score))
    .sort((a, b) => sign * (a.score - b.score) || (a.id < b.id ? -1 : 1))
  return new Map(scored.map(({ id, score }, index) => [id, { rank: index + 1, score }]))
}

/** One page of the rankings: rows fetched, snippets cut. */
export async function pageOf(
  tables: ReadonlyMap<TableName, LanceTable<TableName>>,
  rankings: readonly TableRanking[],
  request: SearchRequest,
  words: QueryWords,
): Promise<{ readonly hits: readonly Hit[]; readonly next: string | null }> {
  const key = queryKey([request.text, request.tables, request.mode ?? 'hybrid', request.filter ?? {}])
  const k = request.k ?? 10
  if (!Number.isSafeInteger(k) || k < 1 || k > 100) throw new TypeError('k is a whole number from 1 to 100')
  const { offset } = request.cursor === undefined ? { offset: 0 } : decodeCursor(request.cursor, key)
  const all = rankings
    .flatMap(({ table, ranked }) => ranked.map((fused) => ({ table, fused })))
    .sort((a, b) => b.fused.score - a.fused.score || (a.fused.id < b.fused.id ? -1 : 1))
  const shown = all.slice(offset, offset + k)
  const rows = new Map<string, Record<string, unknown>>()
  for (const name of new Set(shown.map(({ table }) => table))) {
    const table = tables.get(name)
    if (table === undefined) continue
    const where = anyOf(
      'id',
      shown.filter((item) => item.table === name).map(({ fused }) => fused.id),
    )
    for (const row of await table.table
      .query()
      .where(where)
      .select(columnNames(name).filter((column) => column !== 'fts_text'))
      .toArray()) {
      rows.set(`${name}\0${row.id}`, row)
    }
  }
  const hits = shown.flatMap(({ table, fused }) => {
    const row = rows.get(`${table}\0${fused.id}`)
    return row === undefined ? [] : [hitOf(table, row, fused, request, words)]
  })
  return { hits, next: offset + k < all.length ? encodeCursor(offset + k, key) : null }
}

const OWN = new Set(['id', 'scope', 'hash', 'kind', 'title', 'heading_path', 'body', 'fts_text'])

function hitOf(table: TableName, row: Record<string, unknown>, fused: Fused, request: SearchRequest, words: QueryWords): Hit {
  const reference: Record<string, unknown> = {}
  for (const column of columnNames(table)) {
    const value = OWN.has(column) ? null : plainValue(row[column])
    if (value === null || (Array.isArray(value) && value.length === 0)) continue
    reference[column] = column === 'ts' ? Number(value) * 1000 : value
  }
  const body = String(row['body'])
  return {
    table,
    id: fused.id,
    kind: String(row['kind']),
    title: String(row['title']),
    heading_path: String(row['heading_path']),
    body,
    snippet: snippetOf(body, request.text),
    score: fused.score,
    reference,
    ...(request.explain === true
      ? { explain: { bm25: fused.bm25, dense: fused.dense, weights: words.weights, form: words.form } }
      : {}),
  }
}

/** The query's vector, or why there is none. */
export async function queryVector(
  embedder: Embedder | undefined,
  mode: SearchMode,
  words: QueryWords,
  request: SearchRequest,
): Promise<Float32Array | undefined> {
  if (mode === 'bm25' || (mode === 'hybrid' && words.form === 'names' && embedder === undefined)) return undefined
  if (embedder === undefined) {
    throw new VectorsError('VECTORS_NO_EMBEDDER', 'a dense search needs the model; search with mode bm25, or install the weights')
  }
  const [vector] = await embedder.embed([request.text], { onLong: 'cut', signal: request.signal })
  return vector
}
