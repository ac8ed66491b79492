import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { SchemaView, SqlResult } from '../../protocol/recorded.ts'
import { Chip } from '../components/chip.tsx'
import { Panel } from '../components/panel.tsx'
import { ProblemNote } from '../components/problem-note.tsx'
import { Scroll } from '../components/scroll.tsx'
import { apiJson, apiResponse } from '../shell/api.ts'
import { useAsk, useResource } from '../shell/resource.ts'
import { route, setQuery } from '../shell/router.ts'
import { ResultChart } from './result-chart.tsx'
import { countText } from './words.ts'

const FIRST = 'SELECT game_id, start_ts, ticks, peak, rug_tick, complete\nFROM games ORDER BY start_ts DESC LIMIT 50'
const PAGE = 200

/** Questions to begin with. */
const EXAMPLES: readonly (readonly [string, string])[] = [
  ['last games', FIRST],
  [
    'events by name',
    'SELECT event_name, count(*) AS events, min(ts) AS first, max(ts) AS last\nFROM ws_event GROUP BY 1 ORDER BY 2 DESC',
  ],
  [
    'order latency',
    'SELECT action, outcome, count(*) AS orders, quantile_cont(ack_us, 0.5) / 1000 AS ack_ms\nFROM orders GROUP BY ALL',
  ],
  ['candles of a game', 'SELECT candle, open, high, low, close\nFROM candles((SELECT max(game_id) FROM ticks)) ORDER BY candle'],
  ['gaps', 'SELECT cause, count(*) AS gaps, sum(est_missing) AS about\nFROM gaps GROUP BY ALL'],
]

/** A box for SQL, read-only, over everything recorded. */
export function SqlView() {
  const text = useSignal(route.peek().query.q ?? FIRST)
  const result = useSignal<SqlResult | null>(null)
  const { busy, problem, ask, cancel } = useAsk()
  const page = useSignal(0)
  const chart = useSignal(false)
  const field = useRef<HTMLTextAreaElement>(null)

  const run = async (): Promise<void> => {
    setQuery({ q: text.peek() })
    const answer = await ask((signal) => apiJson<SqlResult>('/data/sql', { body: { text: text.peek() }, signal }))
    if (answer === undefined) return
    result.value = answer
    page.value = 0
  }
  const download = async (format: 'csv' | 'ndjson' | 'parquet'): Promise<void> => {
    const blob = await ask(async (signal) =>
      (await apiResponse('/data/export', { body: { text: text.peek(), format }, signal })).blob(),
    )
    if (blob === undefined) return
    const link = document.createElement('a')
    link.href = URL.createObjectURL(blob)
    link.download = `vectra.${format}`
    link.click()
    URL.revokeObjectURL(link.href)
  }
  useEffect(() => {
    if (route.peek().query.q !== undefined) void run()
  }, [])
  const shown = result.value
  return (
    <div class="sql-grid">
      <Panel title="SQL" class="sql" aside={<span class="fine">read-only · Ctrl+Enter runs it</span>}>
        <div class="pad stack">
          <p class="examples">
            {EXAMPLES.map(([name, statement]) => (
              <button
                key={name}
                type="button"
                class="quiet"
                onClick={() => {
                  text.value = statement
                  field.current?.focus()
                }}
              >
                {name}
              </button>
            ))}
          </p>
          <label>
            <span class="hidden">SQL statement</span>
            <textarea
              ref={field}
              rows={7}
              spellcheck={false}
              value={text.value}
              onInput={(event) => (text.value = event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
                event.preventDefault()
                void run()
              }}
              data-t="sql"
            />
          </label>
          <div class="sql-buttons">
            <button type="button" class="primary" disabled={busy} onClick={() => void run()} data-t="run">
              {busy ? 'running …' : 'Run'}
            </button>
            <button type="button" disabled={!busy} onClick={cancel} data-t="cancel">
              Cancel
            </button>
            <span class="downloads">
              {(['csv', 'ndjson', 'parquet'] as const).map((format) => (
                <button key={format} type="button" disabled={busy} onClick={() => void download(format)}>
                  {format === 'ndjson' ? 'JSON lines' : format === 'csv' ? 'CSV' : 'Parquet'}
                </button>
              ))}
            </span>
          </div>
        </div>
        <ProblemNote problem={problem} />
        {shown !== null && (
          <>
            <p class="pad fine result-head" role="status" data-t="sql-status">
              {countText(shown.rows.length)} {shown.rows.length === 1 ? 'row' : 'rows'} in {countText(shown.milliseconds)} ms{' '}
              {shown.truncated && <Chip tone="warn">cut: there are more; download them all, or narrow it</Chip>}{' '}
              {!shown.complete && (
                <Chip tone="warn" title={shown.reasons.join('; ')}>
                  data known to be missing: {shown.reasons[0]}
                </Chip>
              )}
              <button type="button" aria-pressed={chart.value} onClick={() => (chart.value = !chart.value)} data-t="chart-it">
                chart
              </button>
            </p>
            {chart.value && <ResultChart result={shown} />}
            <ResultTable result={shown} page={page.value} />
            {shown.rows.length > PAGE && (
              <p class="pad pages">
                <button type="button" disabled={page.value === 0} onClick={() => (page.value -= 1)}>
                  back
                </button>
                <span class="fine">
                  rows {countText(page.value * PAGE + 1)} to {countText(Math.min(shown.rows.length, (page.value + 1) * PAGE))}
                </span>
                <button type="button" disabled={(page.value + 1) * PAGE >= shown.rows.length} onClick={() => (page.value += 1)}>
                  on
                </button>
              </p>
            )}
          </>
        )}
      </Panel>
      <SchemaTree
        insert={(name) => {
          const element = field.current
          if (element === null) return
          element.setRangeText(name, element.selectionStart, element.selectionEnd, 'end')
          text.value = element.value
          element.focus()
        }}
        preview={(name) => {
          text.value = `SELECT * FROM ${name} LIMIT 100`
          void run()
        }}
      />
    </div>
  )
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const NUMERIC = /INT|DECIMAL|DOUBLE|FLOAT/

function ResultTable({ result, page }: { readonly result: SqlResult; readonly page: number }) {
  const rows = result.rows.slice(page * PAGE, (page + 1) * PAGE)
  return (
    <Scroll label="Result">
      <table class="result" data-t="result">
        <thead>
          <tr>
            {result.columns.map(({ name, type }, index) => (
              <th key={`${index}/${name}`} class={NUMERIC.test(type) ? 'right' : ''} title={type}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, number) => (
            <tr key={number}>
              {row.map((value, index) => {
                const text = cellText(value)
                return (
                  <td
                    key={index}
                    class={`${NUMERIC.test(result.columns[index]?.type ?? '') ? 'right' : ''} ${value === null ? 'none' : ''}`}
                    title={text.length > 60 ? text.slice(0, 2_000) : undefined}
                  >
                    {value === null ? 'null' : text.length > 120 ? `${text.slice(0, 120)}…` : text}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function SchemaTree(props: { readonly insert: (name: string) => void; readonly preview: (name: string) => void }) {
  const { value, problem, reload } = useResource<{ views: readonly SchemaView[] }>('/data/schema')
  const kinds = { view: 'Views', function: 'Functions', rows: 'Stored rows' } as const
  return (
    <Panel title="Tables" class="schema">
      <ProblemNote problem={problem} retry={reload} />
      {value === null && problem === null && <p class="empty">Reading the tables …</p>}
      <div class="pad" hidden={value === null}>
        {(['view', 'function', 'rows'] as const).map((kind) => (
          <section key={kind}>
            <h3>{kinds[kind]}</h3>
            {value?.views
              .filter((view) => view.kind === kind)
              .map((view) => (
                <details key={view.name}>
                  <summary>
                    <code>{view.name}</code>
                  </summary>
                  {kind !== 'function' && (
                    <p>
                      <button type="button" onClick={() => props.preview(view.name)}>
                        look at 100 rows
                      </button>
                    </p>
                  )}
                  <ul>
                    {view.columns.map((column) => {
                      const [name = '', ...type] = column.split(' ')
                      return (
                        <li key={column}>
                          <button type="button" class="quiet" onClick={() => props.insert(name)} title={`insert ${name}`}>
                            <code>{name}</code>
                          </button>{' '}
                          <span class="fine">{type.join(' ')}</span>
                        </li>
                      )
                    })}
                  </ul>
                </details>
              ))}
          </section>
        ))}
      </div>
    </Panel>
  )
}
