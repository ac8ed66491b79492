import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { SearchAnswer } from '../../protocol/recorded.ts'
import { Chip } from '../components/chip.tsx'
import { Panel } from '../components/panel.tsx'
import { ProblemNote } from '../components/problem-note.tsx'
import { Segmented } from '../components/segmented.tsx'
import { type ApiProblem, apiJson } from '../shell/api.ts'
import { asProblem } from '../shell/resource.ts'
import { navigate, route, setQuery } from '../shell/router.ts'

type Table = 'events' | 'code' | 'notes'

/** Search by words and by meaning over the three tables; each by itself, nothing crosses. */
export function SearchView() {
  const text = useSignal(route.peek().query.q ?? '')
  const table = useSignal<Table>((route.peek().query.table as Table | undefined) ?? 'events')
  const answer = useSignal<SearchAnswer | null>(null)
  const problem = useSignal<ApiProblem | null>(null)
  const running = useSignal<AbortController | null>(null)
  const search = async (): Promise<void> => {
    if (text.peek().trim() === '') return
    running.peek()?.abort()
    const mine = new AbortController()
    running.value = mine
    problem.value = null
    setQuery({ q: text.peek(), table: table.peek() })
    try {
      answer.value = await apiJson<SearchAnswer>('/data/search', {
        body: { text: text.peek(), tables: [table.peek()] },
        signal: mine.signal,
      })
    } catch (error) {
      if (!mine.signal.aborted) problem.value = asProblem(error)
    } finally {
      if (running.peek() === mine) running.value = null
    }
  }
  useEffect(() => {
    void search()
    return () => running.peek()?.abort()
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
          options={[
            { value: 'events', label: 'events' },
            { value: 'code', label: 'code' },
            { value: 'notes', label: 'notes' },
          ]}
          value={table.value}
          onChange={(value) => {
            table.value = value
            void search()
          }}
        />
        <button type="submit" class="primary" disabled={running.value !== null} data-t="search-run">
          {running.value === null ? 'Search' : 'searching …'}
        </button>
      </form>
      <ProblemNote problem={problem.value} />
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
      {found === null && problem.value === null && <p class="empty">Words, a name, or a question.</p>}
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
