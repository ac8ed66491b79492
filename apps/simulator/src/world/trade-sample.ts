import type { Trade } from '@vectra/game'
import type { Stream } from './streams.ts'

/**
 * The public feed shows one trade in about two seconds, not all of them: 6 to 28 of a hundred, up to 8 ticks late, some after the rug of their game.
 */
export interface TradeSample {
  /** A fill that may be shown. Forced sells and amounts under 0.01 never are. */
  offer(trade: Trade): void
  /** The one to show now. */
  take(): Trade | undefined
}

const SMALLEST_SHOWN = 0.01

/** Nothing offered yet. */
export function openTradeSample(stream: Stream): TradeSample {
  let offered: Trade[] = []
  return {
    offer(trade) {
      if (!trade.forced && trade.coin === 'solana' && trade.amount.gte(SMALLEST_SHOWN)) offered.push(trade)
    },
    take() {
      const chosen = offered[stream.integer(0, Math.max(0, offered.length - 1))]
      offered = []
      return chosen
    },
  }
}
