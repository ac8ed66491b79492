import { useState } from 'preact/hooks'
import type { Comparison, ReplayGame } from '../../protocol/recorded.ts'
import { Chip } from '../components/chip.tsx'
import { Panel } from '../components/panel.tsx'
import { ProblemNote } from '../components/problem-note.tsx'
import { useResource } from '../shell/resource.ts'

/** Two recordings of the game beside each other. */
export function ComparePanel({ game }: { readonly game: ReplayGame }) {
  const [first, second] = game.sessions
  const [a, setA] = useState(first?.id ?? '')
  const [b, setB] = useState(second?.id ?? '')
  const query = new URLSearchParams({ a, b })
  const { value, problem } = useResource<Comparison>(
    a === b ? null : `/replay/games/${encodeURIComponent(game.line.gameId)}/compare?${query}`,
  )
  const choice = (label: string, chosen: string, set: (id: string) => void) => (
    <label>
      <span class="fine">{label}</span>
      <select value={chosen} onChange={(event) => set(event.currentTarget.value)}>
        {game.sessions.map(({ id, source, ticks }) => (
          <option key={id} value={id}>
            {source} …{id.slice(-8)} ({ticks} ticks)
          </option>
        ))}
      </select>
    </label>
  )
  return (
    <Panel title="Two recordings" class="compare">
      <div class="pad stack">
        {choice('first', a, setA)}
        {choice('second', b, setB)}
        <ProblemNote problem={problem} />
        {a === b && <p class="fine">Choose two different recordings.</p>}
        {value !== null && a !== b && (
          <>
            <p data-t="comparison">
              <Chip tone={value.different.length === 0 ? 'good' : 'bad'}>
                {value.different.length === 0 ? 'prices equal' : `${value.different.length} prices differ`}
              </Chip>{' '}
              {value.both} ticks in both, {value.onlyA} only in the first, {value.onlyB} only in the second.
            </p>
            {value.latencyMs !== null && (
              <p class="fine">
                The second received them {value.latencyMs.p50.toFixed(1)} ms later at the median, {value.latencyMs.p99.toFixed(1)}{' '}
                ms at the 99th percentile.
              </p>
            )}
            {value.different.slice(0, 5).map(({ tick, a: left, b: right }) => (
              <p key={tick} class="fine break">
                tick {tick}: {left} and {right}
              </p>
            ))}
          </>
        )}
      </div>
    </Panel>
  )
}
