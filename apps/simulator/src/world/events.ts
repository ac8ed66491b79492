import type { Sidebet, SidebetResult, Trade } from '@vectra/game'
import type { EraShape } from './era.ts'
import { CHAT_LINES, type Person, PRACTICE_ADDRESS, SOL_ADDRESS } from './people.ts'
import type { Stream } from './streams.ts'

/** An event's name and arguments as they go on the wire. */
export interface WireEvent {
  readonly name: string
  readonly args: readonly unknown[]
}

/** Puts the trace before the payload where the era and the event have one. */
export function traced(
  shape: EraShape,
  stream: Stream,
  name: string,
  payload: unknown,
  traceId: string = stream.hex(32),
): WireEvent {
  if (!shape.traced) return { name, args: [payload] }
  return { name, args: [{ __trace: true, traceparent: `00-${traceId}-${stream.hex(16)}-01` }, payload] }
}

/** `standard/newTrade` of a fill. */
export function tradePayload(shape: EraShape, trade: Trade, person: Person, id: string, leverage: number): object {
  const bought = trade.type === 'buy'
  const amount = trade.amount.toNumber()
  const practice = trade.coin === 'practice'
  const common = { id, gameId: trade.gameId, playerId: person.id }
  const price = trade.price.toNumber()
  const coin = practice ? 'free' : 'solana'
  if (!shape.richTrades) {
    return {
      ...common,
      type: trade.type,
      ...(bought ? {} : { price }),
      qty: trade.qty.toNumber(),
      tickIndex: trade.tick,
      coin,
      amount,
    }
  }
  const short = trade.type === 'short_open' || trade.type === 'short_close'
  return {
    ...common,
    price,
    type: trade.type,
    qty: trade.qty.toNumber(),
    tickIndex: trade.tick,
    coin,
    amount,
    ...(bought ? { leverage } : {}),
    ...(short ? {} : { bonusPortion: 0, realPortion: practice ? 0 : amount }),
    username: person.username,
    level: person.level,
  }
}

/** `currentSidebet`, `newSideBet`: a bet that was placed. */
export function sidebetPayload(shape: EraShape, bet: Sidebet, person: Person, gameId: string, timestamp: number): object {
  return {
    playerId: person.id,
    gameId,
    username: person.username,
    ...(shape.richTrades ? { level: person.level, price: bet.price.toNumber() } : {}),
    betAmount: bet.amount.toNumber(),
    xPayout: 5,
    coinAddress: bet.coin === 'practice' ? PRACTICE_ADDRESS : SOL_ADDRESS,
    startTick: bet.startTick,
    endTick: bet.endTick,
    tickIndex: bet.startTick,
    timestamp,
    type: 'placed',
  }
}

/** `currentSidebetResult`. */
export function sidebetResultPayload(
  shape: EraShape,
  result: SidebetResult,
  person: Person,
  gameId: string,
  timestamp: number,
  price: number,
): object {
  return {
    ...sidebetPayload(shape, result.bet, person, gameId, timestamp),
    ...(shape.richTrades ? { price } : {}),
    tickIndex: result.tickIndex,
    payout: result.payout.toNumber(),
    profit: result.profit.toNumber(),
    type: 'payout',
  }
}

/** A line of chat, sometimes an answer to an earlier one. */
export function chatPayload(
  shape: EraShape,
  stream: Stream,
  person: Person,
  timestamp: number,
  earlier: ChatLine | null,
): ChatLine {
  const verified = stream.chance(0.85)
  return {
    playerId: person.id,
    username: person.username ?? 'anon',
    level: person.level,
    message: stream.pick(CHAT_LINES),
    timestamp,
    filtered: false,
    role: null,
    tag: stream.chance(0.3) ? stream.pick(['ghoul', 'ogplayer', 'grindoor']) : null,
    verified,
    discordUsername: verified ? `${(person.username ?? 'x').toLowerCase()}.` : null,
    ...(shape.era === 'aug2025'
      ? {}
      : {
          replyTo:
            earlier !== null && stream.chance(0.15)
              ? { key: `${earlier.playerId}-${earlier.timestamp}`, username: earlier.username, message: earlier.message }
              : null,
        }),
  }
}

/** What chat carries. */
export type ChatLine = Readonly<Record<string, unknown>> & {
  readonly playerId: string
  readonly username: string
  readonly message: string
  readonly timestamp: number
}
