import { useState } from 'preact/hooks'
import type { FairnessCard } from '../../protocol/recorded.ts'
import { Chip } from '../components/chip.tsx'
import { Panel } from '../components/panel.tsx'
import { ProblemNote } from '../components/problem-note.tsx'
import { useResource } from '../shell/resource.ts'

const VERDICTS = {
  fair: ['good', 'fair', 'The revealed seed gives exactly what was recorded.'],
  mismatch: ['bad', 'mismatch', 'What was recorded is not what the seed gives.'],
  unverifiable: ['warn', 'cannot be verified', 'The seed is not recorded: a later game reveals it.'],
} as const
const MARKS = { ok: '✓', mismatch: '✕', absent: '–' } as const
const WORDS = { ok: 'agrees', mismatch: 'differs', absent: 'nothing to compare' } as const

/** The game recomputed from its seed, tick by tick. Asked for by hand: it reads the game's frames once more. */
export function FairnessPanel({ gameId }: { readonly gameId: string }) {
  const [asked, setAsked] = useState(false)
  const { value, problem, loading, reload } = useResource<FairnessCard>(
    asked ? `/replay/games/${encodeURIComponent(gameId)}/fairness` : null,
  )
  const verdict = value === null ? null : VERDICTS[value.verdict]
  return (
    <Panel
      title="Fairness"
      class="fairness"
      aside={
        verdict === null ? (
          <button type="button" onClick={() => setAsked(true)} disabled={loading} data-t="check-fairness">
            {loading ? 'computing …' : 'recompute'}
          </button>
        ) : (
          <Chip tone={verdict[0]} test="verdict">
            {verdict[1]}
          </Chip>
        )
      }
    >
      <ProblemNote problem={problem} retry={reload} />
      {verdict === null && problem === null && (
        <p class="pad fine">Recomputes every price from the revealed seed and compares it with what was recorded.</p>
      )}
      {verdict !== null && value !== null && (
        <div class="pad">
          <p>{verdict[2]}</p>
          <ul class="checks">
            {value.checks.map(({ name, status, text }) => (
              <li key={name}>
                <span class={status === 'ok' ? 'up' : status === 'mismatch' ? 'down' : 'soft'} title={WORDS[status]}>
                  {MARKS[status]} {name}
                </span>{' '}
                <span class="fine">{text}</span>
              </li>
            ))}
            {value.faults.map((fault) => (
              <li key={fault} class="down">
                {fault}
              </li>
            ))}
          </ul>
          {value.seed !== null && <p class="fine break">seed {value.seed}</p>}
          {value.seedHash !== null && <p class="fine break">hash {value.seedHash}</p>}
        </div>
      )}
    </Panel>
  )
}
