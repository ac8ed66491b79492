import {
  type AutoscaleInfo,
  type CandlestickData,
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  LineStyle,
  PriceScaleMode,
  type SeriesMarker,
  type Time,
} from 'lightweight-charts'
import { token } from '../shell/theme.ts'
import { TickWindow } from './tick-window.ts'

/** Width of the price axis, and half of the widest usual amount at a mark. */
const AXIS_PX = 62
const HALF_LABEL_PX = 22

/** 1.25 s of play. */
export const TICKS_PER_CANDLE = 5

/** A trade to be marked. */
export interface ChartMark {
  readonly tick: number
  readonly side: 'buy' | 'sell'
  readonly text: string
}

/** A stretch of ticks to be shaded. */
export interface ChartWindow {
  readonly from: number
  readonly to: number
  readonly tone: 'running' | 'won' | 'lost'
}

/** Candles of a price path, with lines, marks and a shaded window. Numbers here are for drawing alone. */
export interface PriceChart {
  /** Draws a path; only what changed is set anew. `key` names the round: another one starts over. */
  setPath(key: string, path: readonly (string | null)[]): void
  setAverage(price: string | null): void
  setMarks(marks: readonly ChartMark[]): void
  setWindow(window: ChartWindow | null): void
  /** The candles that are drawn now. */
  candles(): readonly { readonly open: number; readonly high: number; readonly low: number; readonly close: number }[]
  /** What is drawn over the candles now. */
  overlays(): { readonly average: string | null; readonly marks: readonly ChartMark[]; readonly window: ChartWindow | null }
  /** Reads the colours again, after a change of theme. */
  recolour(): void
  remove(): void
}

/**
 * The library labels an axis of time where minutes and hours begin. With 6 of its seconds to a tick those are every 10, 50
 * and 300 ticks.
 */
const SECONDS_PER_TICK = 6

function timeOf(candle: number): Time {
  return (candle * TICKS_PER_CANDLE * SECONDS_PER_TICK) as Time
}

function tickAt(time: Time): number {
  return Number(time) / SECONDS_PER_TICK
}

type Candle = CandlestickData<Time>

/** Open, high, low and close over five ticks; a candle whose ticks were all missed does not exist. */
export function candleAt(path: readonly (string | null)[], index: number): Candle | null {
  const known = path
    .slice(index * TICKS_PER_CANDLE, (index + 1) * TICKS_PER_CANDLE)
    .flatMap((price) => (price === null ? [] : [Number(price)]))
  const [open] = known
  const close = known.at(-1)
  if (open === undefined || close === undefined) return null
  return { time: timeOf(index), open, high: Math.max(...known), low: Math.min(...known), close }
}

/** Puts a chart into an element. It follows the element's size. */
export function createPriceChart(container: HTMLElement): PriceChart {
  const chart: IChartApi = createChart(container, {
    autoSize: true,
    handleScroll: false,
    handleScale: false,
    layout: { attributionLogo: false, fontSize: 12, fontFamily: getComputedStyle(document.body).fontFamily },
    localization: {
      priceFormatter: (price: number) =>
        price < 0 ? '' : price < 0.00005 ? '0×' : `${price.toFixed(price < 0.1 ? 4 : price < 100 ? 2 : 1)}×`,
    },
    rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.14, bottom: 0.1 }, minimumWidth: AXIS_PX },
    timeScale: {
      borderVisible: false,
      tickMarkFormatter: (time: Time) => String(tickAt(time)),
      minBarSpacing: 1,
    },
    crosshair: { mode: 2 },
  })
  const series: ISeriesApi<'Candlestick'> = chart.addSeries(CandlestickSeries, {
    priceFormat: { type: 'price', precision: 4, minMove: 0.0001 },
    autoscaleInfoProvider: (original: () => AutoscaleInfo | null) => withFloor(original()),
  })
  const markers: ISeriesMarkersPluginApi<Time> = createSeriesMarkers(series, [])
  const shading = new TickWindow(TICKS_PER_CANDLE)
  series.attachPrimitive(shading)
  let key = ''
  let drawn: readonly (string | null)[] = []
  let logarithmic = false
  let average: IPriceLine | null = null
  let averagePrice: string | null = null
  let marks: readonly ChartMark[] = []

  const showRange = (): void => {
    const candles = Math.ceil(drawn.length / TICKS_PER_CANDLE)
    const most = Math.max(30, Math.floor(container.clientWidth / 4))
    const to = Math.max(36, candles + 4)
    // A mark on the first candle has its amount below it, which is wider than the candle.
    const room = Math.max(1, Math.ceil((to * HALF_LABEL_PX) / Math.max(1, container.clientWidth - AXIS_PX)))
    chart.timeScale().setVisibleLogicalRange({ from: Math.max(-room, to - most), to })
  }
  const showMarks = (): void => {
    markers.setMarkers(
      marks.map(
        ({ tick, side, text }): SeriesMarker<Time> => ({
          time: timeOf(Math.floor(tick / TICKS_PER_CANDLE)),
          position: side === 'buy' ? 'belowBar' : 'aboveBar',
          shape: side === 'buy' ? 'arrowUp' : 'arrowDown',
          color: token(side === 'buy' ? '--up' : '--down'),
          text,
        }),
      ),
    )
  }
  const recolour = (): void => {
    chart.applyOptions({
      layout: { background: { color: 'transparent' }, textColor: token('--soft') },
      grid: { vertLines: { color: token('--grid') }, horzLines: { color: token('--grid') } },
      crosshair: { vertLine: { color: token('--line-strong') }, horzLine: { color: token('--line-strong') } },
    })
    const [up, down] = [token('--candle-up'), token('--candle-down')]
    series.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down, borderVisible: false })
    average?.applyOptions({ color: token('--accent') })
    shading.recolour()
    showMarks()
  }
  recolour()
  const resized = new ResizeObserver(() => showRange())
  resized.observe(container)

  return {
    setPath(nextKey, path) {
      const candles = Math.ceil(path.length / TICKS_PER_CANDLE)
      const grown = nextKey === key && path.length >= drawn.length
      const firstNew = grown ? path.findIndex((price, tick) => price !== (drawn[tick] ?? null)) : 0
      if (grown && firstNew === -1) return
      const from = Math.floor(firstNew / TICKS_PER_CANDLE)
      if (grown && drawn.length > 0 && from >= Math.floor((drawn.length - 1) / TICKS_PER_CANDLE)) {
        for (let index = from; index < candles; index += 1) {
          const candle = candleAt(path, index)
          if (candle !== null) series.update(candle)
        }
      } else
        series.setData(Array.from({ length: candles }, (_, index) => candleAt(path, index)).filter((candle) => candle !== null))
      const high = Math.max(...path.slice(firstNew).map(Number))
      const wanted = nextKey === key ? logarithmic || high > 10 : path.some((price) => Number(price) > 10)
      if (wanted !== logarithmic) {
        logarithmic = wanted
        chart.priceScale('right').applyOptions({ mode: wanted ? PriceScaleMode.Logarithmic : PriceScaleMode.Normal })
      }
      key = nextKey
      drawn = path
      showRange()
    },
    setAverage(price) {
      if (price === averagePrice) return
      averagePrice = price
      if (average !== null) series.removePriceLine(average)
      average =
        price === null
          ? null
          : series.createPriceLine({
              price: Number(price),
              color: token('--accent'),
              lineStyle: LineStyle.Dashed,
              lineWidth: 1,
              axisLabelVisible: true,
              title: 'avg cost',
            })
    },
    setMarks(next) {
      if (
        next.length === marks.length &&
        next.every((mark, index) => mark.tick === marks[index]?.tick && mark.text === marks[index]?.text)
      )
        return
      marks = next
      showMarks()
    },
    setWindow: (window) => shading.show(window),
    candles: () =>
      series.data().flatMap((candle) => {
        if (!('open' in candle)) return []
        const { open, high, low, close } = candle
        return [{ open, high, low, close }]
      }),
    overlays: () => ({ average: average === null ? null : averagePrice, marks, window: shading.window }),
    recolour,
    remove() {
      resized.disconnect()
      chart.remove()
    },
  }
}

/** A flat start is not blown up to noise: the axis spans a fifth at least. */
function withFloor(info: AutoscaleInfo | null): AutoscaleInfo | null {
  if (info?.priceRange == null) return info
  const { minValue, maxValue } = info.priceRange
  const missing = Math.max(0, maxValue * 0.2 - (maxValue - minValue))
  return { ...info, priceRange: { minValue: Math.max(0, minValue - missing / 2), maxValue: maxValue + missing / 2 } }
}
