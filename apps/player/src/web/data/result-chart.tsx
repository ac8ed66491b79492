import type { SqlResult } from '../../protocol/recorded.ts'

const WIDTH = 1_000
const HEIGHT = 240
const MOST = 2_000
const NUMERIC = /INT|DECIMAL|DOUBLE|FLOAT/

/** The result's first number column that is no axis, over its first column, as a line; for a look, not for measuring. */
export function ResultChart({ result }: { readonly result: SqlResult }) {
  const numbers = result.columns.flatMap(({ name, type }, index) => (NUMERIC.test(type) ? [{ name, index }] : []))
  const first = result.columns[0]
  const drawn = (numbers.length > 1 ? numbers.filter(({ index }) => index !== 0) : numbers).slice(0, 3)
  const rows = result.rows.slice(0, MOST)
  const values = rows.flatMap((row) => drawn.map(({ index }) => Number(row[index]))).filter(Number.isFinite)
  if (drawn.length === 0 || rows.length < 2 || values.length === 0)
    return <p class="pad fine">A chart needs a column of numbers and two rows at least.</p>
  const low = values.reduce((least, value) => Math.min(least, value), values[0] ?? 0)
  const high = values.reduce((most, value) => Math.max(most, value), values[0] ?? 0)
  const span = high - low || 1
  const place = (value: number): number => HEIGHT - 8 - ((value - low) / span) * (HEIGHT - 16)
  return (
    <figure class="result-chart" data-t="result-chart">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${drawn.map(({ name }) => name).join(', ')} of ${rows.length} rows`}
      >
        {drawn.map(({ name, index }, line) => (
          <polyline
            key={name}
            class={`line${line}`}
            points={rows
              .flatMap((row, number) => {
                const value = Number(row[index])
                return row[index] === null || !Number.isFinite(value)
                  ? []
                  : [`${((number / (rows.length - 1)) * WIDTH).toFixed(1)},${place(value).toFixed(1)}`]
              })
              .join(' ')}
          />
        ))}
      </svg>
      <figcaption class="fine">
        {drawn.map(({ name }, line) => (
          <span key={name} class={`key line${line}`}>
            {name}
          </span>
        ))}{' '}
        from {String(rows[0]?.[0] ?? '')} to {String(rows.at(-1)?.[0] ?? '')} by {first?.name}; lowest {low}, highest {high}
        {result.rows.length > MOST && `; the first ${MOST} rows`}
      </figcaption>
    </figure>
  )
}
