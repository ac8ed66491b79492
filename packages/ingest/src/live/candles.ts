import type { Decimal } from '@vectra/schemas'
import { type LiveCandle, TICKS_PER_CANDLE } from './state.ts'

/** A price path with some ticks set, and its candles. */
export interface Path {
  readonly path: readonly (Decimal | undefined)[]
  readonly candles: readonly LiveCandle[]
}

/** Longest round the server plays; a tick beyond it is not believed. */
export const MAX_TICK = 5_000

/**
 * Sets prices of ticks that are not known yet, and builds the candles they fall into anew. What is known stays as it is.
 *
 * Candles are `floor(tick / 5)`, not the sliding window that `partialPrices` is.
 */
export function withTicks(before: Path, ticks: Iterable<readonly [tick: number, price: Decimal]>): Path {
  let path: (Decimal | undefined)[] | undefined
  const touched = new Set<number>()
  for (const [tick, price] of ticks) {
    if (!Number.isInteger(tick) || tick < 0 || tick > MAX_TICK) continue
    if ((path ?? before.path)[tick] !== undefined) continue
    path ??= [...before.path]
    while (path.length < tick) path.push(undefined)
    path[tick] = price
    touched.add(Math.floor(tick / TICKS_PER_CANDLE))
  }
  if (path === undefined) return before
  const made = new Map(before.candles.map((candle) => [candle.index, candle]))
  for (const index of touched) {
    const candle = candleOf(path, index)
    if (candle) made.set(index, candle)
  }
  return { path, candles: [...made.values()].sort((a, b) => a.index - b.index) }
}

function candleOf(path: readonly (Decimal | undefined)[], index: number): LiveCandle | null {
  const start = index * TICKS_PER_CANDLE
  const known = path.slice(start, start + TICKS_PER_CANDLE).filter((price) => price !== undefined)
  const [open] = known
  const close = known.at(-1)
  if (open === undefined || close === undefined) return null
  let high = open
  let low = open
  for (const price of known) {
    if (price.gt(high)) high = price
    if (price.lt(low)) low = price
  }
  return { index, open, high, low, close, ticks: known.length }
}
