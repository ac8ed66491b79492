import { useState } from 'preact/hooks'
import type { CoverageHour, GapLine } from '../../protocol/recorded.ts'
import { Panel } from '../components/panel.tsx'
import { ProblemNote } from '../components/problem-note.tsx'
import { Scroll } from '../components/scroll.tsx'
import { useResource } from '../shell/resource.ts'
import { countText, timeText } from './words.ts'

const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'))

/** How an hour went, as a class and a word: colour never stands alone. */
function stateOf(hour: CoverageHour | undefined): readonly [tone: string, word: string] {
  if (hour === undefined || hour.events === 0) return ['none', 'nothing recorded']
  if (hour.gaps === 0) return ['whole', 'no gap']
  return [hour.missingSeconds > 60 ? 'torn' : 'gap', `${hour.gaps} ${hour.gaps === 1 ? 'gap' : 'gaps'}`]
}

/** Hours of the last recorded days: what was heard, and where it is torn. */
export function Coverage() {
  const { value, problem, reload } = useResource<{ hours: readonly CoverageHour[] }>('/data/coverage')
  const [chosen, choose] = useState<string | null>(null)
  const hours = new Map((value?.hours ?? []).map((hour) => [hour.hour, hour]))
  const days = [...new Set((value?.hours ?? []).map(({ hour }) => hour.slice(0, 10)))].sort().reverse()
  return (
    <Panel title="Coverage" aside={<span class="fine">hours, UTC; choose one for its gaps</span>}>
      <ProblemNote problem={problem} retry={reload} />
      {days.length > 0 && (
        <Scroll label="Calendar of the last recorded days" class="wide">
          <table class="calendar" data-t="coverage">
            <thead>
              <tr>
                <th>Day</th>
                {HOURS.map((hour) => (
                  <th key={hour}>{hour}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {days.map((day) => (
                <tr key={day}>
                  <th scope="row">{day}</th>
                  {HOURS.map((hour) => {
                    const name = `${day}T${hour}`
                    const found = hours.get(name)
                    const [tone, word] = stateOf(found)
                    const text = `${day} ${hour}h: ${word}, ${countText(found?.events ?? 0)} events, ${countText(found?.ticks ?? 0)} ticks`
                    return (
                      <td key={hour}>
                        {found === undefined ? (
                          <span class="hour none" title={text} />
                        ) : (
                          <button
                            type="button"
                            class={`hour ${tone}`}
                            title={text}
                            aria-label={text}
                            aria-pressed={chosen === name}
                            onClick={() => choose(chosen === name ? null : name)}
                          >
                            {found.gaps > 0 ? found.gaps : ''}
                          </button>
                        )}
                      </td>
                    )
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {value !== null && days.length === 0 && <p class="empty">Nothing is recorded yet.</p>}
      {chosen !== null && <Gaps hour={chosen} />}
    </Panel>
  )
}

function Gaps({ hour }: { readonly hour: string }) {
  const { value, problem, reload } = useResource<{ gaps: readonly GapLine[] }>(`/data/gaps?hour=${encodeURIComponent(hour)}`)
  return (
    <div class="pad" data-t="gaps">
      <h3>Gaps of {hour.replace('T', ' ')}h</h3>
      <ProblemNote problem={problem} retry={reload} />
      {value?.gaps.length === 0 && <p class="fine">None: nothing is known to be missing.</p>}
      <ul class="gap-list">
        {value?.gaps.map((gap) => (
          <li key={`${gap.session}:${gap.seq}`}>
            <b>{gap.cause ?? 'gap'}</b> {timeText(gap.from).slice(11)} to {timeText(gap.to).slice(11)}, {gap.source}
            {gap.missing !== null && `, about ${gap.missing} events`}
            {gap.gameId !== null && `, game ${gap.gameId}`}
            <span class="fine"> {gap.recoveredBy === null ? 'not recovered' : `recovered by ${gap.recoveredBy}`}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
