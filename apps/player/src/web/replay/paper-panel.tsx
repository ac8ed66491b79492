import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { PaperAction, PaperState } from '../../protocol/recorded.ts'
import { Chip } from '../components/chip.tsx'
import { Exact } from '../components/exact.tsx'
import { Panel } from '../components/panel.tsx'
import { ProblemNote } from '../components/problem-note.tsx'
import { type ApiProblem, apiJson } from '../shell/api.ts'
import { asProblem } from '../shell/resource.ts'
import type { Playback } from './playback.ts'

const AMOUNT = /^\d*\.?\d{0,9}$/

/** Trading on paper at the recorded prices. Nothing leaves this machine, and nothing of it is recorded. */
export function PaperPanel({ playback }: { readonly playback: Playback }) {
  const { gameId } = playback.game.line
  const actions = useSignal<readonly PaperAction[]>([])
  const amount = useSignal('0.1')
  const state = useSignal<PaperState | null>(null)
  const problem = useSignal<ApiProblem | null>(null)
  const asking = useRef<AbortController | null>(null)
  const tick = playback.tick.value
  const known = actions.value

  useEffect(() => {
    if (known.length === 0) {
      state.value = null
      return
    }
    // While it plays, one question at a time is enough; the newest tick is asked when the answer is there.
    if (asking.current !== null && playback.playing.peek()) return
    asking.current?.abort()
    const mine = new AbortController()
    asking.current = mine
    const done = (): void => {
      if (asking.current === mine) asking.current = null
    }
    apiJson<PaperState>(`/replay/games/${encodeURIComponent(gameId)}/paper`, {
      body: { actions: known, tick },
      signal: mine.signal,
    }).then(
      (value) => {
        state.value = value
        problem.value = null
        done()
      },
      (error: unknown) => {
        if (!mine.signal.aborted) problem.value = asProblem(error)
        done()
      },
    )
  }, [known, tick, gameId])

  const act = (action: Omit<PaperAction, 'tick'>): void => {
    playback.pause()
    // Acts after this moment belong to another course of the game.
    const past = known.filter((one) => one.tick === null || one.tick <= tick)
    actions.value = [...past, { ...action, tick }]
  }
  const over = playback.game.line.rugTick !== null && tick >= playback.game.line.rugTick
  const shown = state.value
  const last = shown?.results.findLastIndex((_, index) => (known[index]?.tick ?? -1) <= tick) ?? -1
  const result = shown?.results[last]
  return (
    <Panel title="On paper" class="paper" aside={<Chip tone="warn">paper: no order is sent</Chip>}>
      <div class="pad stack">
        <label class="amount-row">
          <span class="fine">amount, SOL</span>
          <input
            type="text"
            inputMode="decimal"
            value={amount.value}
            onInput={(event) => {
              const { value } = event.currentTarget
              if (AMOUNT.test(value)) amount.value = value
              else event.currentTarget.value = amount.value
            }}
            data-t="paper-amount"
          />
        </label>
        <div class="paper-buttons">
          <button type="button" disabled={over} onClick={() => act({ kind: 'buy', amount: amount.value })} data-t="paper-buy">
            Buy {amount.value || '0'}
          </button>
          {([25, 50, 100] as const).map((percentage) => (
            <button
              key={percentage}
              type="button"
              disabled={over}
              onClick={() => act({ kind: 'sell', percentage })}
              data-t={`paper-sell-${percentage}`}
            >
              Sell {percentage} %
            </button>
          ))}
          <button
            type="button"
            disabled={over}
            onClick={() => act({ kind: 'sidebet', amount: amount.value })}
            data-t="paper-sidebet"
          >
            Sidebet
          </button>
          <button type="button" class="quiet" disabled={known.length === 0} onClick={() => (actions.value = [])}>
            start over
          </button>
        </div>
        <ProblemNote problem={problem.value} />
        <dl class="paper-account" data-t="paper-account">
          <div>
            <dt>cash</dt>
            <dd>
              <Exact value={shown?.cash ?? '10'} unit="SOL" test="paper-cash" />
            </dd>
          </div>
          <div>
            <dt>position</dt>
            <dd>
              <Exact value={shown?.positionQty ?? '0'} test="paper-position" />
            </dd>
          </div>
          <div>
            <dt>profit</dt>
            <dd>
              <Exact value={shown?.pnl ?? '0'} form="signed" unit="SOL" test="paper-pnl" />
            </dd>
          </div>
        </dl>
        {result !== undefined && (
          <p class={`fine ${result.ok ? '' : 'down'}`} role="status" data-t="paper-result">
            tick {known[last]?.tick ?? 0}: {result.text}
          </p>
        )}
        {shown !== null && shown.assumed > 0 && (
          <p class="fine">{shown.assumed} ticks were not recorded: the last known price stands in for them.</p>
        )}
      </div>
    </Panel>
  )
}
