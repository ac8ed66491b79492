import { computed, effect } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { ReplayGame } from '../../protocol/recorded.ts'
import { Chip } from '../components/chip.tsx'
import { Panel } from '../components/panel.tsx'
import { Scroll } from '../components/scroll.tsx'
import { brief, plain, rounded } from '../exact/text.ts'
import { type ChartMark, createPriceChart } from '../live/price-chart.ts'
import { announce } from '../shell/announce.ts'
import { route } from '../shell/router.ts'
import { useShortcuts } from '../shell/shortcuts.ts'
import { theme } from '../shell/theme.ts'
import { ComparePanel } from './compare-panel.tsx'
import { FairnessPanel } from './fairness-panel.tsx'
import { Inspector } from './inspector.tsx'
import { PaperPanel } from './paper-panel.tsx'
import { createPlayback, type Playback } from './playback.ts'
import { SPEEDS } from './transport.ts'
import { TransportBar } from './transport-bar.tsx'

/** One recorded game: chart, transport, and what is known of it. */
export function GameReplay({ game }: { readonly game: ReplayGame }) {
  const playback = useMemo(() => {
    const { tick, speed, loop } = route.peek().query
    return createPlayback(game, {
      tick: Number(tick) || 0,
      speed: SPEEDS.find((one) => one === speed) ?? '1',
      loop: loop !== undefined,
    })
  }, [game])
  useEffect(() => () => playback.stop(), [playback])
  useEffect(
    () =>
      // The address may be changed by hand, or by a link to a moment.
      effect(() => {
        const wanted = Number(route.value.query.tick ?? Number.NaN)
        if (Number.isFinite(wanted) && !playback.playing.peek() && wanted !== playback.tick.peek()) playback.seek(wanted, false)
      }),
    [playback],
  )
  useTransportKeys(playback)
  if (game.path.length === 0)
    return (
      <p class="empty">
        No tick of this game is stored, so there is nothing to play
        {game.line.reasons.length === 0 ? '' : `: ${game.line.reasons.join(', ')}`}.
      </p>
    )
  return (
    <div class="replay-grid">
      <section class="panel chart" aria-label="Price">
        <Head playback={playback} />
        <ReplayChart playback={playback} />
        <TransportBar playback={playback} />
      </section>
      <div class="replay-side">
        <PaperPanel playback={playback} />
        <FairnessPanel gameId={game.line.gameId} />
        {game.sessions.length > 1 && <ComparePanel game={game} />}
        <Moments playback={playback} />
      </div>
      <Inspector playback={playback} />
    </div>
  )
}

function useTransportKeys(playback: Playback): void {
  const jump = (kinds: Parameters<Playback['jump']>[0], direction: 1 | -1, word: string) => (): void => {
    if (!playback.jump(kinds, direction)) announce(`no ${direction === 1 ? 'further' : 'earlier'} ${word}`)
  }
  const faster = (by: 1 | -1) => (): void => {
    const at = SPEEDS.indexOf(playback.speed.peek())
    playback.speed.value = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at + by))] ?? '1'
  }
  const group = 'Transport'
  useShortcuts([
    { key: ' ', label: 'play or pause', group, run: playback.toggle },
    { key: 'ArrowRight', label: 'one tick on', group, run: () => playback.step(1), repeats: true },
    { key: 'ArrowLeft', label: 'one tick back', group, run: () => playback.step(-1), repeats: true },
    { key: 'shift+ArrowRight', label: 'five ticks on', group, run: () => playback.step(5), repeats: true },
    { key: 'shift+ArrowLeft', label: 'five ticks back', group, run: () => playback.step(-5), repeats: true },
    { key: 'Home', label: 'to the start', group, run: () => playback.seek(0) },
    { key: 'End', label: 'to the end', group, run: () => playback.seek(playback.last) },
    { key: ',', label: 'slower', group, run: faster(-1) },
    { key: '.', label: 'faster', group, run: faster(1) },
    { key: 'l', label: 'loop', group, run: () => (playback.loop.value = !playback.loop.peek()) },
    { key: 't', label: 'next trade', group, run: jump(['trade', 'own'], 1, 'trade') },
    { key: 'shift+t', label: 'last trade', group, run: jump(['trade', 'own'], -1, 'trade') },
    { key: 'd', label: 'next sidebet', group, run: jump(['sidebet'], 1, 'sidebet') },
    { key: 'g', label: 'next gap', group, run: jump(['gap'], 1, 'gap') },
    { key: 'r', label: 'the rug', group, run: jump(['rug'], 1, 'rug') },
  ])
}

function Head({ playback }: { readonly playback: Playback }) {
  const { line, filled } = playback.game
  const price = playback.price.value
  const tick = playback.tick.value
  const hole = playback.game.path[tick] === null
  const origin = filled.find((one) => one.tick === tick)?.origin
  return (
    <header class="price-head">
      <p class="price number" data-t="replay-price" title={price === null ? undefined : plain(price)}>
        {price === null ? '—' : rounded(price, 4, 'even')}
        <small>×</small>
      </p>
      <Chip test="replay-tick">
        tick {tick} of {playback.last}
      </Chip>
      {line.rugTick !== null && tick >= line.rugTick && <Chip tone="bad">rugged</Chip>}
      {hole && <Chip tone="warn">not recorded: the last known price</Chip>}
      {origin !== undefined && <Chip tone="info">filled in from {origin.replace('derived:', '')}</Chip>}
      <span class="facts">
        <Chip tone="info">recorded</Chip>
        {line.peak !== null && <span title={line.peak}>peak {rounded(line.peak, 2, 'down')}×</span>}
        <span class="number">{line.firstTs.slice(0, 19).replace('T', ' ')} UTC</span>
        <Chip tone={line.complete ? 'good' : 'warn'} title={line.reasons.join('; ') || undefined}>
          {line.complete ? 'complete' : line.reasons.join(', ')}
        </Chip>
        <span class="game-id">{line.gameId}</span>
      </span>
    </header>
  )
}

function ReplayChart({ playback }: { readonly playback: Playback }) {
  const box = useRef<HTMLElement>(null)
  const { game } = playback
  useEffect(() => {
    if (box.current === null) return
    const chart = createPriceChart(box.current)
    // What the picture holds, for whoever cannot see it: tests compare it with what was recorded.
    Object.assign(box.current, { candles: () => chart.candles() })
    const own: ChartMark[] = game.marks.flatMap((mark) =>
      mark.kind === 'own' && mark.side !== undefined ? [{ tick: mark.tick, side: mark.side, text: mark.amount ?? '' }] : [],
    )
    const large = game.marks
      .flatMap((mark): ChartMark[] =>
        mark.kind === 'trade' && mark.side !== undefined && mark.amount !== undefined && Number(mark.amount) >= 1
          ? [{ tick: mark.tick, side: mark.side, text: brief(mark.amount) }]
          : [],
      )
      .slice(0, 60)
    const marks = computed(() => [...own, ...large].filter(({ tick }) => tick <= playback.tick.value))
    const stops = [
      effect(() => chart.setPath(game.line.gameId, game.path.slice(0, playback.tick.value + 1))),
      effect(() => chart.setMarks(marks.value)),
      effect(() => {
        void theme.value
        chart.recolour()
      }),
    ]
    return () => {
      for (const stop of stops) stop()
      chart.remove()
    }
  }, [game, playback])
  return (
    <div class="chart-area">
      <figure class="chart-box" ref={box} aria-label="Candles of five ticks each" />
      <a class="credit" href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
        Chart: TradingView Lightweight Charts™
      </a>
    </div>
  )
}

const KIND_WORDS = { trade: 'trade', own: 'yours', sidebet: 'sidebet', gap: 'gap', rug: 'rug' } as const

/** Everything worth a look, by tick; the present moment is marked. */
function Moments({ playback }: { readonly playback: Playback }) {
  const { marks } = playback.game
  const tick = playback.tick.value
  const now = marks.findLast((mark) => mark.tick <= tick)
  return (
    <Panel title="Moments" class="moments" aside={<span class="fine">{marks.length}</span>}>
      <Scroll label="Moments of the game">
        <ul>
          {marks.map((mark, index) => (
            <li key={`${mark.tick}/${mark.kind}/${mark.seq ?? index}`} class={mark === now ? 'now' : ''}>
              <button
                type="button"
                class="quiet"
                onClick={() => playback.seek(mark.tick)}
                aria-current={mark === now ? 'true' : undefined}
              >
                <span class="soft tick number">{mark.tick}</span>
                <span class={`kind ${mark.kind}`}>{KIND_WORDS[mark.kind]}</span>
                <span class="what" title={mark.text}>
                  {mark.text}
                </span>
              </button>
            </li>
          ))}
        </ul>
        {marks.length === 0 && <p class="empty">No trade, bet or gap of this game is recorded.</p>}
      </Scroll>
    </Panel>
  )
}
