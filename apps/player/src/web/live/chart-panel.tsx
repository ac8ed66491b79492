import { computed, effect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { brief, plain, rounded } from '../exact/text.ts'
import {
  settledBet as lastBet,
  own,
  round,
  game as runningGame,
  gameId as runningId,
  phase as runningPhase,
  account as shownAccount,
  surroundings,
} from '../feed/feed.ts'
import type { Round } from '../feed/view.ts'
import { whole } from '../feed/wire.ts'
import { theme } from '../shell/theme.ts'
import { type ChartMark, type ChartWindow, createPriceChart } from './price-chart.ts'

/** The price: how it went, where it stands, what phase the round is in. */
export function ChartPanel() {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (box.current === null) return
    const chart = createPriceChart(box.current)
    // What the picture holds, for whoever cannot see it: tests compare it with what the server said.
    Object.assign(box.current, { candles: () => chart.candles(), overlays: () => chart.overlays() })
    const stops = [
      effect(() => {
        const shown = round.value
        if (shown !== null) chart.setPath(shown.gameId, shown.path)
        else chart.setPath('', [])
      }),
      effect(() => chart.setAverage(averageCost())),
      effect(() => chart.setMarks(ownMarks())),
      effect(() => chart.setWindow(betWindow())),
      effect(() => {
        void theme.value
        chart.recolour()
      }),
    ]
    return () => {
      for (const stop of stops) stop()
      chart.remove()
    }
  }, [])
  return (
    <section class="panel chart" aria-label="Price">
      <PriceHead />
      <div class="chart-area">
        <figure class="chart-box" ref={box} aria-label="Candles of five ticks each" />
        <LastCandle />
        <Overlay />
        <a class="credit" href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
          Chart: TradingView Lightweight Charts™
        </a>
      </div>
    </section>
  )
}

const roundId = computed(() => round.value?.gameId ?? null)

/** The line is where the position was bought; without one there is none. */
function averageCost(): string | null {
  const { positionQty, avgCost } = shownAccount.value ?? {}
  if (roundId.value !== runningId.value || positionQty === undefined || avgCost === undefined) return null
  return plain(positionQty) === '0' ? null : avgCost
}

function ownMarks(): ChartMark[] {
  const shown = roundId.value
  return own.value
    .filter(({ gameId, type }) => gameId === shown && (type === 'buy' || type === 'sell'))
    .map(({ type, tickIndex, amount }) => ({
      tick: whole(tickIndex) ?? 0,
      side: type === 'buy' ? ('buy' as const) : ('sell' as const),
      text: brief(amount),
    }))
    .sort((a, b) => a.tick - b.tick)
}

/** The running bet's ticks; after the end, how it went. */
function betWindow(): ChartWindow | null {
  const [bet, settled, shown] = [shownAccount.value?.sideBet, lastBet.value, roundId.value]
  if (shown === null) return null
  if (bet != null && shown === runningId.value) {
    const [from, to] = [whole(bet.startedAtTick ?? bet.startTick), whole(bet.end ?? bet.endTick)]
    return from === null || to === null ? null : { from, to, tone: 'running' }
  }
  if (settled?.gameId !== shown || settled.from === null || settled.to === null) return null
  return { from: settled.from, to: settled.to, tone: settled.won ? 'won' : 'lost' }
}

const PHASES = {
  cooldown: ['Settlement', 'plain'],
  presale: ['Presale', 'info'],
  active: ['Running', 'good'],
  rugged: ['Rugged', 'bad'],
} as const

function PriceHead() {
  const shown = round.value
  const around = surroundings.value
  const phase = runningPhase.value
  const [word, tone] = phase === null ? (['Waiting', 'plain'] as const) : PHASES[phase]
  return (
    <header class="price-head">
      <p
        class={`price number ${shown?.rugged ? 'down' : ''}`}
        data-t="price"
        title={shown?.price ? plain(shown.price) : undefined}
      >
        {shown?.price ? rounded(shown.price, 4, 'even') : phase === 'presale' ? '1.0000' : '—'}
        {(shown?.price || phase === 'presale') && <small>×</small>}
      </p>
      <span class={`chip ${tone}`} data-t="phase">
        {word}
      </span>
      <span class="chip" data-t="tick">
        tick {shown?.tick ?? '—'}
      </span>
      <span class="facts">
        {shown?.price && <span>peak {peakOf(shown)}×</span>}
        {around.players !== null && <span>{around.players} players</span>}
        {around.rugpool !== null && (
          <span title={`${plain(around.rugpool)} SOL`}>rugpool {rounded(around.rugpool, 3, 'down')} SOL</span>
        )}
        {shown !== null && (
          <span class="game-id" title={shown.hash === null ? undefined : `seed hash ${shown.hash}`}>
            {shown.gameId}
          </span>
        )}
      </span>
    </header>
  )
}

function peakOf({ path }: Round): string {
  let [peak, at] = [0, '1']
  for (const price of path) {
    if (price === null || Number(price) <= peak) continue
    peak = Number(price)
    at = price
  }
  return rounded(at, 2, 'down')
}

/** What a screen reader finds in place of the picture. */
function LastCandle() {
  const shown = round.value
  if (shown === null) return null
  const from = Math.floor(Math.max(0, shown.path.length - 1) / 5) * 5
  const known = shown.path.slice(from).filter((price) => price !== null)
  return (
    <p class="hidden" data-t="last-candle">
      {known.length === 0
        ? 'No prices yet.'
        : `Last candle, ticks ${from} to ${from + 4}: opened at ${rounded(known[0] ?? '1', 4, 'even')}, now ${rounded(known.at(-1) ?? '1', 4, 'even')}.`}
    </p>
  )
}

/** What the phase means for the player, over the chart and out of the way of the candles. */
function Overlay() {
  const game = runningGame.value
  const around = surroundings.value
  const shown = round.value
  if (around.pause !== null) return <p class="overlay info">{around.pause}</p>
  if (game === null) return <p class="overlay">Waiting for the first frame …</p>
  const left = game.cooldownMs === null ? '' : `${(game.cooldownMs / 1_000).toFixed(1)} s`
  if (game.phase === 'presale')
    return (
      <p class="overlay info" data-t="overlay">
        <b>Presale</b> buys now get in at exactly 1× · starts in <span class="number">{left}</span>
      </p>
    )
  if (shown?.rugged)
    return (
      <p class="overlay bad" data-t="overlay">
        <b>Rugged at tick {shown.tick}</b>
        {game.phase === 'cooldown' ? (
          <>
            {' '}
            settling · next round in <span class="number">{left}</span>
          </>
        ) : (
          ' settling'
        )}
      </p>
    )
  if (game.phase === 'cooldown')
    return (
      <p class="overlay" data-t="overlay">
        Next round in <span class="number">{left}</span>
      </p>
    )
  return null
}
