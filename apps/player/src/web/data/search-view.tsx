import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { SearchAnswer } from '../../protocol/recorded.ts'
import { Chip } from '../components/chip.tsx'
import { Panel } from '../components/panel.tsx'
import { ProblemNote } from '../components/problem-note.tsx'
import { Segmented } from '../components/segmented.tsx'
import { apiJson } from '../shell/api.ts'
import { useAsk } from '../shell/resource.ts'
import { navigate, route, setQuery } from '../shell/router.ts'

const TABLES = ['events', 'code', 'notes'] as const
type Table = (typeof TABLES)[number]

/** Search by words and by meaning over the three tables; each by itself, nothing crosses. */
export function SearchView() {
  const text = useSignal(route.peek().query.q ?? '')
  const table = useSignal<Table>(TABLES.find((one) => one === route.peek().query.table) ?? 'events')
  const answer = useSignal<SearchAnswer | null>(null)
  const { busy, problem, ask } = useAsk()
  const search = async (): Promise<void> => {
    if (text.peek().trim() === '') return
    setQuery({ q: text.peek(), table: table.peek() })
    const body = { text: text.peek(), tables: [table.peek()] }
    const found = await ask((signal) => apiJson<SearchAnswer>('/data/search', { body, signal }))
    if (found !== undefined) answer.value = found
  }
  useEffect(() => {
    void search()
  }, [])
  const found = answer.value
  return (
    <Panel title="Search" aside={found === null ? undefined : <span class="fine">{found.freshness}</span>}>
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault()
          void search()
        }}
      >
        <label class="grow">
          <span class="hidden">Search for</span>
          <input
            type="search"
            placeholder="player balance update, god candle, why Decimal …"
            value={text.value}
            onInput={(event) => (text.value = event.currentTarget.value)}
            data-t="search"
          />
        </label>
        <Segmented<Table>
          label="Table"
          options={TABLES.map((value) => ({ value, label: value }))}
          value={table.value}
          onChange={(value) => {
            table.value = value
            void search()
          }}
        />
        <button type="submit" class="primary" disabled={busy} data-t="search-run">
          {busy ? 'searching …' : 'Search'}
        </button>
      </form>
      <ProblemNote problem={problem} />
      {found?.notices.map((notice) => (
        <p key={notice} class="pad fine">
          {notice}
        </p>
      ))}
      <ol class="hits" data-t="hits">
        {found?.hits.map((hit, index) => (
          <li key={`${hit.title}${index}`}>
            <p>
              <b>{hit.title}</b> <Chip>{hit.kind}</Chip> {hit.verdict !== null && <Chip tone="info">{hit.verdict}</Chip>}{' '}
              <span class="fine number" title="comparable within one answer only">
                score {hit.score.toFixed(3)}
              </span>
            </p>
            <p class="snippet">
              <Marked text={hit.text} matches={hit.matches} />
            </p>
            <p class="fine">
              {hit.gameId !== null && (
                <button type="button" onClick={() => navigate({ screen: 'replay', path: [hit.gameId ?? ''] })}>
                  open in Replay
                </button>
              )}{' '}
              {hit.path ?? (hit.session === null ? '' : `${hit.session}:${hit.seq}`)}
            </p>
          </li>
        ))}
      </ol>
      {found?.hits.length === 0 && <p class="empty">Nothing found. If the tables are empty: vectra index run.</p>}
      {found === null && problem === null && <p class="empty">Words, a name, or a question.</p>}
    </Panel>
  )
}

function Marked({ text, matches }: { readonly text: string; readonly matches: SearchAnswer['hits'][number]['matches'] }) {
  let at = 0
  const parts = matches.flatMap(([start, end]) => {
    const part = [text.slice(at, start), <mark key={start}>{text.slice(start, end)}</mark>]
    at = end
    return part
  })
  return (
    <>
      {parts}
      {text.slice(at)}
    </>
  )
}
