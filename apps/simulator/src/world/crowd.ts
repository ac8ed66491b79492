import { SIDEBET_TICKS } from '@vectra/game'
import { type Person, PRACTICE_ADDRESS, SOL_ADDRESS } from './people.ts'
import type { Stream } from './streams.ts'

/** A record of `gameHistory[].globalSidebets`, in the server's shape. */
export type SidebetRecord = Readonly<Record<string, string | number | null>>

/** The game a crowd bet on. */
export interface FinishedRound {
  readonly gameId: string
  readonly rugTick: number
  readonly rugPrice: number
  readonly endedAt: number
}

/**
 * The sidebets of people who are not simulated one by one: they give history its size, and cost nothing while the game runs.
 *
 * Records come in the server's order: placements and results by time, presale bets mostly without a placement.
 */
export function crowdSidebets(stream: Stream, people: readonly [Person, ...Person[]], round: FinishedRound): SidebetRecord[] {
  const records: { at: number; record: SidebetRecord }[] = []
  const startedAt = round.endedAt - round.rugTick * 251
  const bets = Math.min(170, 2 + Math.round((5 + round.rugTick) * stream.between(0.06, 0.22)))
  for (let k = 0; k < bets; k += 1) {
    const person = stream.pick(people)
    const start = stream.chance(0.12) ? 0 : stream.integer(0, Math.max(0, round.rugTick - 1))
    const amount = betAmount(stream)
    const bonus = !person.practice && stream.chance(0.15)
    const common = {
      playerId: person.id,
      username: person.username,
      gameId: round.gameId,
      betAmount: amount,
      xPayout: 5,
      coinAddress: person.practice ? PRACTICE_ADDRESS : SOL_ADDRESS,
    }
    const placedAt = startedAt + start * 251 + stream.integer(0, 250)
    if (start > 0 || stream.chance(0.2)) {
      records.push({
        at: placedAt,
        record: placedRecord(common, { start, placedAt, bonus, practice: person.practice }, stream.uuid()),
      })
    }
    const won = round.rugTick <= start + SIDEBET_TICKS
    const settledAt = won ? round.endedAt - 160 : startedAt + (start + SIDEBET_TICKS) * 251
    records.push({
      at: settledAt,
      record: payoutRecord(common, { start, won, settledAt, level: person.level }, round, stream.uuid()),
    })
  }
  return records.toSorted((a, b) => a.at - b.at).map(({ record }) => record)
}

type Common = {
  playerId: string
  username: string | null
  gameId: string
  betAmount: number
  xPayout: number
  coinAddress: string
}

/** A placement as history keeps it. */
export function placedRecord(
  bet: Common,
  at: { start: number; placedAt: number; bonus: boolean; practice: boolean },
  id: string,
): SidebetRecord {
  return {
    ...bet,
    bonusPortion: at.bonus ? bet.betAmount : 0,
    realPortion: at.bonus || at.practice ? 0 : bet.betAmount,
    timestamp: at.placedAt,
    type: 'placed',
    startedAtTick: at.start,
    end: at.start + SIDEBET_TICKS,
    id,
  }
}

/** A result as history keeps it: wins carry level, rug tick and rug price, losses the start tick. */
export function payoutRecord(
  bet: Common,
  at: { start: number; won: boolean; settledAt: number; level: number },
  round: FinishedRound,
  id: string,
): SidebetRecord {
  const { playerId, gameId, username, betAmount, xPayout, coinAddress } = bet
  return {
    playerId,
    gameId,
    username,
    ...(at.won ? { level: at.level } : {}),
    betAmount,
    payout: at.won ? exact(betAmount * 5) : 0,
    profit: at.won ? exact(betAmount * 4) : -betAmount,
    xPayout,
    coinAddress,
    endTick: at.start + SIDEBET_TICKS,
    startTick: at.start,
    tickIndex: at.won ? round.rugTick : at.start,
    ...(at.won ? { price: round.rugPrice } : {}),
    timestamp: at.settledAt,
    type: 'payout',
    id,
  }
}

/** 0.001 to 5, small bets far more often than large ones, at most three decimals. */
export function betAmount(stream: Stream): number {
  return Math.max(1, Math.round(10 ** stream.between(0, 2.6))) / 1000
}

/** Amounts have three decimals, so their multiples do too: drops the double's noise. */
function exact(amount: number): number {
  return Math.round(amount * 1000) / 1000
}
