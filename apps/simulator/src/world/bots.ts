import { money, type Table, type Trade } from '@vectra/game'
import type { EraShape } from './era.ts'
import { makePerson, type Person } from './people.ts'
import type { Stream } from './streams.ts'

/** Players that act by themselves. */
export interface Bots {
  readonly people: readonly Person[]
  /** Fills up empty wallets. */
  newGame(): void
  /** One cooldown step of the presale. */
  presale(): BotActions
  /** One tick. */
  tick(): BotActions
}

/** What the bots did. */
export interface BotActions {
  readonly trades: readonly Trade[]
  /** Players that placed a sidebet. */
  readonly bettors: readonly string[]
}

/** Chances per bot: of an order in one presale step, and of each order in one tick. */
const CHANCES = {
  presaleBuy: 0.012,
  presaleBet: 0.0013,
  buy: 0.05,
  sell: 0.09,
  bet: 0.0016,
  short: 0.004,
  closeShort: 0.06,
} as const
/** Fractions that were seen, with 10, 25, 50 and 100 the buttons of the page. */
const PERCENTAGES = [10, 25, 50, 100, 100, 100, 13, 14, 17, 20, 33] as const
const WALLET = '20'
const LOW = 6

/** Seats `count` bots at the table. */
export function openBots(options: { count: number; table: Table; stream: Stream; shape: EraShape }): Bots {
  const { table, stream, shape } = options
  const people = Array.from({ length: options.count }, () => makePerson(stream))
  // Nameless and practice players are rare: with twenty bots a draw for each would make worlds without or full of them.
  const seated = people.map((person, index) => ({
    ...person,
    username: index % 20 === 3 ? null : (person.username ?? `bot${index}`),
    practice: index % 18 === 7,
  }))
  const coin = (person: Person): 'practice' | 'solana' => (person.practice ? 'practice' : 'solana')
  const amount = (person: Person): string => {
    const base = Math.max(1, Math.round(10 ** stream.between(0, 2.9))) / 1000
    return String(person.practice && stream.chance(0.3) ? base * 10 : base)
  }
  const run = (act: (person: Person, trades: Trade[], bettors: string[]) => void): BotActions => {
    const trades: Trade[] = []
    const bettors: string[] = []
    for (const person of seated) act(person, trades, bettors)
    return { trades, bettors }
  }
  const fund = (): void => {
    for (const person of seated)
      if (table.balance(person.id, coin(person)).lt(LOW)) table.deposit(person.id, { [coin(person)]: money(WALLET) })
  }
  fund()
  const keep = (result: ReturnType<Table['buy']>, trades: Trade[]): void => {
    if (result.ok) trades.push(result.trade)
  }
  const bet = (person: Person, bettors: string[]): void => {
    if (table.sidebet(person.id, { amount: amount(person), coin: coin(person) }).ok) bettors.push(person.id)
  }
  return {
    people: seated,
    newGame: fund,
    presale: () =>
      run((person, trades, bettors) => {
        if (stream.chance(CHANCES.presaleBuy)) keep(table.buy(person.id, { amount: amount(person), coin: coin(person) }), trades)
        if (stream.chance(CHANCES.presaleBet)) bet(person, bettors)
      }),
    tick: () =>
      run((person, trades, bettors) => {
        const draw = stream.float()
        if (draw < CHANCES.sell) keep(table.sell(person.id, { percentage: stream.pick(PERCENTAGES) }), trades)
        else if (draw < CHANCES.sell + CHANCES.buy)
          keep(table.buy(person.id, { amount: amount(person), coin: coin(person) }), trades)
        if (stream.chance(CHANCES.bet)) bet(person, bettors)
        if (!shape.shorts || person.level < 10) return
        if (stream.chance(CHANCES.short)) keep(table.openShort(person.id, { amount: amount(person), coin: coin(person) }), trades)
        else if (stream.chance(CHANCES.closeShort)) keep(table.closeShort(person.id), trades)
      }),
  }
}
