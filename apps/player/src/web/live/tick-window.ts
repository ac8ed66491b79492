import type {
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesPrimitive,
  Logical,
  SeriesAttachedParameter,
  Time,
} from 'lightweight-charts'
import { token } from '../shell/theme.ts'
import type { ChartWindow } from './price-chart.ts'

type Target = Parameters<IPrimitivePaneRenderer['draw']>[0]

const TOKENS = { running: '--accent', won: '--up', lost: '--down' } as const

/** Shades the ticks of a sidebet behind the candles, with an edge where it ends. */
export class TickWindow implements ISeriesPrimitive<Time> {
  readonly #ticksPerCandle: number
  #attached: SeriesAttachedParameter<Time> | null = null
  #window: ChartWindow | null = null
  #colours: Readonly<Record<ChartWindow['tone'], string>> = { running: '', won: '', lost: '' }
  readonly #views: readonly IPrimitivePaneView[]

  constructor(ticksPerCandle: number) {
    this.#ticksPerCandle = ticksPerCandle
    this.recolour()
    this.#views = [{ zOrder: () => 'bottom', renderer: () => ({ draw: (target) => this.#draw(target) }) }]
  }

  attached(parameter: SeriesAttachedParameter<Time>): void {
    this.#attached = parameter
  }

  detached(): void {
    this.#attached = null
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.#views
  }

  get window(): ChartWindow | null {
    return this.#window
  }

  show(window: ChartWindow | null): void {
    const same = window?.from === this.#window?.from && window?.to === this.#window?.to && window?.tone === this.#window?.tone
    if (same) return
    this.#window = window
    this.#attached?.requestUpdate()
  }

  recolour(): void {
    this.#colours = { running: token(TOKENS.running), won: token(TOKENS.won), lost: token(TOKENS.lost) }
    this.#attached?.requestUpdate()
  }

  #draw(target: Target): void {
    const window = this.#window
    const scale = this.#attached?.chart.timeScale()
    if (window === null || scale === undefined) return
    // The scale knows whole candles only: ticks are placed between them by hand.
    const [origin, next] = [scale.logicalToCoordinate(0 as Logical), scale.logicalToCoordinate(1 as Logical)]
    if (origin === null || next === null) return
    const at = (tick: number): number => origin + (tick / this.#ticksPerCandle - 0.5) * (next - origin)
    const [from, to] = [at(window.from), at(window.to + 1)]
    target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      context.fillStyle = context.strokeStyle = this.#colours[window.tone]
      context.globalAlpha = 0.12
      context.fillRect(from, 0, to - from, mediaSize.height)
      context.globalAlpha = 0.75
      context.setLineDash([4, 4])
      context.beginPath()
      context.moveTo(to, 0)
      context.lineTo(to, mediaSize.height)
      context.stroke()
      context.globalAlpha = 1
    })
  }
}
