import { GameError } from './errors.ts'
import { COINS, type Coin, checkAmount, checkPercentage, type Refusal, refuse } from './limits.ts'
import { quantityFor, quantityOf, sellLots, shareOf } from './lots.ts'
import { LAMPORT_PLACES, Money, type MoneyInput, money, ZERO } from './money.ts'
import { clearSeat, openSeat, type Seat, type SeatView, viewSeat } from './seat.ts'
import { moveShort, openShort } from './short.ts'
import { openSidebet, SIDEBET_PLACES, type Sidebet, type SidebetResult, settleSidebet } from './sidebet.ts'

/** `closed`: before the presale. A table goes closed → presale → active → rugged, and back by `newGame`. */
export type TablePhase = 'closed' | 'presale' | 'active' | 'rugged'

/** A fill. `amount` is what was paid (buy, short_open) or received (sell, short_close). */
export interface Trade {
  readonly type: 'buy' | 'sell' | 'short_open' | 'short_close'
  readonly playerId: string
  readonly gameId: string
  readonly coin: Coin
  readonly tick: number
  readonly price: Money
  readonly amount: Money
  /** 0 for shorts. */
  readonly qty: Money
  /** Sold by the rug, not by the player. */
  readonly forced: boolean
}

/** Money that moved between a player and the bank. */
export interface LedgerEntry {
  readonly playerId: string
  readonly coin: Coin
  readonly kind: Trade['type'] | 'sidebet' | 'sidebet_payout' | 'deposit'
  /** Signed, from the player's side. */
  readonly amount: Money
}

/** What a tick settled. */
export interface TickOutcome {
  readonly sidebets: readonly (SidebetResult & { readonly playerId: string })[]
  /** Forced sells and closed shorts; only at a rug. */
  readonly liquidations: readonly Trade[]
}

export type OrderResult<T> = ({ readonly ok: true } & T) | Refusal

/**
 * The trading rules of one table over many games: presale, buys, FIFO sells, sidebets, shorts, the rug. No clock, no I/O.
 *
 * The caller drives ticks and prices. Money only ever moves between a player and the bank, so per coin bank plus players is constant.
 */
export interface Table {
  readonly gameId: string
  readonly phase: TablePhase
  readonly tick: number
  readonly price: Money
  /** Forgets positions and statistics of the last game. Not while one is active. */
  newGame(gameId: string): void
  openPresale(): void
  /** Tick 0: price 1, the presale's orders stand. */
  start(): void
  step(tick: number, price: MoneyInput): TickOutcome
  rug(tick: number, price: MoneyInput): TickOutcome
  /** Seats a player, or sets the balances of one; what is added comes from the bank. */
  deposit(playerId: string, balances: Partial<Record<Coin, MoneyInput>>): void
  buy(playerId: string, order: { amount: MoneyInput; coin?: Coin }): OrderResult<{ trade: Trade }>
  sell(playerId: string, order: { percentage: number }): OrderResult<{ trade: Trade }>
  sidebet(playerId: string, order: { amount: MoneyInput; coin?: Coin }): OrderResult<{ bet: Sidebet }>
  openShort(playerId: string, order: { amount: MoneyInput; coin?: Coin }): OrderResult<{ trade: Trade }>
  closeShort(playerId: string): OrderResult<{ trade: Trade }>
  /** Undefined for somebody never seated. `mark` is the price of the tick before unless given. */
  view(playerId: string, mark?: MoneyInput): SeatView | undefined
  balance(playerId: string, coin: Coin): Money
  players(): string[]
  bank(coin: Coin): Money
  /** Bank plus all players: constant whatever happens at the table. */
  total(coin: Coin): Money
}

/** Opens a table. `journal` hears every movement of money, in order. */
export function openTable(options: { gameId: string; journal?: (entry: LedgerEntry) => void }): Table {
  const seats = new Map<string, Seat>()
  const bank: Record<Coin, Money> = { solana: ZERO, practice: ZERO }
  let gameId = options.gameId
  let phase: TablePhase = 'closed'
  let tick = 0
  let price = new Money(1)
  let mark = price

  const move = (seat: Seat, coin: Coin, kind: LedgerEntry['kind'], amount: Money): void => {
    seat.cash[coin] = seat.cash[coin].add(amount)
    bank[coin] = bank[coin].sub(amount)
    seat.version += 1
    options.journal?.({ playerId: seat.playerId, coin, kind, amount })
  }
  const to = (next: TablePhase, from: readonly TablePhase[]): void => {
    if (!from.includes(phase))
      throw new GameError('GAME_PHASE', `a ${phase} table cannot become ${next}`, { context: { phase, next, gameId } })
    phase = next
  }
  const advance = (nextTick: number, nextPrice: MoneyInput): { before: Money } => {
    if (nextTick !== tick + 1)
      throw new GameError('GAME_PHASE', `tick ${nextTick} does not follow ${tick}`, { context: { tick, nextTick, gameId } })
    const before = price
    tick = nextTick
    mark = price
    price = money(nextPrice)
    return { before }
  }
  const moveShortOf = (seat: Seat, before: Money): void => {
    if (seat.short === null) return
    seat.short = moveShort(seat.short, before, price)
    seat.version += 1
  }
  const trade = (seat: Seat, type: Trade['type'], amount: Money, qty: Money, coin: Coin, forced = false): Trade => ({
    type,
    playerId: seat.playerId,
    gameId,
    coin,
    tick,
    price,
    amount,
    qty,
    forced,
  })
  const settle = (rugged: boolean): TickOutcome['sidebets'] =>
    [...seats.values()].flatMap((seat) => {
      const result = seat.sidebet === null ? null : settleSidebet(seat.sidebet, tick, rugged)
      if (result === null) return []
      seat.sidebet = null
      seat.version += 1
      seat.sidebetPnl = seat.sidebetPnl.add(result.profit)
      if (result.won) move(seat, result.bet.coin, 'sidebet_payout', result.payout)
      return [{ ...result, playerId: seat.playerId }]
    })
  const sellFrom = (seat: Seat, coin: Coin, qty: Money, forced: boolean): Trade => {
    const sale = sellLots(seat.lots, qty, price)
    seat.lots = sale.rest
    seat.sold = seat.sold.add(sale.proceeds)
    move(seat, coin, 'sell', sale.proceeds)
    return trade(seat, 'sell', sale.proceeds, sale.qty, coin, forced)
  }
  const closeShortOf = (seat: Seat, forced: boolean): Trade[] => {
    const short = seat.short
    if (short === null) return []
    seat.short = null
    seat.shortReturned = seat.shortReturned.add(short.value)
    move(seat, short.coin, 'short_close', short.value)
    return [trade(seat, 'short_close', short.value, ZERO, short.coin, forced)]
  }
  /** Everything a stake needs: a seat, the right coin, an amount within limits, and the money. */
  const stake = (
    playerId: string,
    input: MoneyInput,
    asked: Coin | undefined,
    places: number,
  ): { ok: true; seat: Seat; coin: Coin; amount: Money } | Refusal => {
    const seat = seats.get(playerId)
    if (seat === undefined) return refuse('PLAYER_UNKNOWN', `${playerId} is not seated`)
    if (phase !== 'presale' && phase !== 'active') return refuse('PHASE', 'no game is open')
    const coin = asked ?? seat.coin ?? 'solana'
    if (seat.coin !== null && seat.coin !== coin) return refuse('COIN_MIXED', `this game is played with ${seat.coin}`)
    const checked = checkAmount(input, coin, places)
    if (!checked.ok) return checked
    if (checked.amount.gt(seat.cash[coin])) return refuse('FUNDS', `balance is ${seat.cash[coin].toFixed()}`)
    return { ok: true, seat, coin, amount: checked.amount }
  }
  const pay = (seat: Seat, coin: Coin, kind: LedgerEntry['kind'], amount: Money): void => {
    seat.coin = coin
    seat.invested = seat.invested.add(amount)
    move(seat, coin, kind, amount.neg())
  }

  return {
    get gameId() {
      return gameId
    },
    get phase() {
      return phase
    },
    get tick() {
      return tick
    },
    get price() {
      return price
    },
    newGame(next) {
      to('closed', ['closed', 'rugged'])
      gameId = next
      tick = 0
      price = mark = new Money(1)
      for (const seat of seats.values()) clearSeat(seat)
    },
    openPresale: () => to('presale', ['closed']),
    start: () => to('active', ['presale']),
    step(nextTick, nextPrice) {
      to('active', ['active'])
      const { before } = advance(nextTick, nextPrice)
      for (const seat of seats.values()) moveShortOf(seat, before)
      return { sidebets: settle(false), liquidations: [] }
    },
    rug(nextTick, nextPrice) {
      to('rugged', ['active'])
      const { before } = advance(nextTick, nextPrice)
      const sidebets = settle(true)
      const liquidations = [...seats.values()].flatMap((seat) => {
        moveShortOf(seat, before)
        const qty = quantityOf(seat.lots)
        const sold = qty.gt(0) ? [sellFrom(seat, seat.coin ?? 'solana', qty, true)] : []
        seat.lots = []
        return [...sold, ...closeShortOf(seat, true)]
      })
      return { sidebets, liquidations }
    },
    deposit(playerId, balances) {
      const seat = seats.get(playerId) ?? openSeat(playerId, { solana: ZERO, practice: ZERO })
      seats.set(playerId, seat)
      for (const coin of COINS) {
        const wanted = balances[coin]
        if (wanted === undefined) continue
        const difference = money(wanted).sub(seat.cash[coin])
        if (!difference.isZero()) move(seat, coin, 'deposit', difference)
      }
    },
    buy(playerId, order) {
      const ready = stake(playerId, order.amount, order.coin, LAMPORT_PLACES)
      if (!ready.ok) return ready
      const { seat, coin, amount } = ready
      const qty = quantityFor(amount, price)
      pay(seat, coin, 'buy', amount)
      seat.bought = seat.bought.add(amount)
      seat.lots = [...seat.lots, { qty, price }]
      return { ok: true, trade: trade(seat, 'buy', amount, qty, coin) }
    },
    sell(playerId, order) {
      const seat = seats.get(playerId)
      if (seat === undefined) return refuse('PLAYER_UNKNOWN', `${playerId} is not seated`)
      if (phase === 'presale') return refuse('PRESALE_IRREVOCABLE', 'presale buys stand until the game starts')
      if (phase !== 'active') return refuse('PHASE', 'no game is active')
      const checked = checkPercentage(order.percentage)
      if (!checked.ok) return checked
      if (seat.lots.length === 0) return refuse('NO_POSITION', 'there is no position')
      const qty = shareOf(seat.lots, checked.percentage)
      if (qty.isZero()) return refuse('NOTHING_TO_SELL', `${checked.percentage} % of the position is less than one unit`)
      return { ok: true, trade: sellFrom(seat, seat.coin ?? 'solana', qty, false) }
    },
    sidebet(playerId, order) {
      const ready = stake(playerId, order.amount, order.coin, SIDEBET_PLACES)
      if (!ready.ok) return ready
      const { seat, coin, amount } = ready
      if (seat.sidebet !== null) return refuse('SIDEBET_ACTIVE', `a sidebet is open until tick ${seat.sidebet.endTick}`)
      pay(seat, coin, 'sidebet', amount)
      seat.sidebet = openSidebet(amount, coin, tick, price)
      return { ok: true, bet: seat.sidebet }
    },
    openShort(playerId, order) {
      if (phase === 'presale') return refuse('PHASE', 'shorts open in the active phase')
      const ready = stake(playerId, order.amount, order.coin, LAMPORT_PLACES)
      if (!ready.ok) return ready
      const { seat, coin, amount } = ready
      if (seat.short !== null) return refuse('SHORT_ACTIVE', 'a short is open already')
      pay(seat, coin, 'short_open', amount)
      seat.shortPaid = seat.shortPaid.add(amount)
      seat.short = openShort(amount, coin, price, tick)
      return { ok: true, trade: trade(seat, 'short_open', amount, ZERO, coin) }
    },
    closeShort(playerId) {
      const seat = seats.get(playerId)
      if (seat === undefined) return refuse('PLAYER_UNKNOWN', `${playerId} is not seated`)
      if (phase !== 'active') return refuse('PHASE', 'no game is active')
      const [closed] = closeShortOf(seat, false)
      return closed === undefined ? refuse('NO_SHORT', 'there is no short') : { ok: true, trade: closed }
    },
    view(playerId, at) {
      const seat = seats.get(playerId)
      return seat === undefined ? undefined : viewSeat(seat, at === undefined ? mark : money(at))
    },
    balance: (playerId, coin) => seats.get(playerId)?.cash[coin] ?? ZERO,
    players: () => [...seats.keys()],
    bank: (coin) => bank[coin],
    total: (coin) => [...seats.values()].reduce((sum, seat) => sum.add(seat.cash[coin]), bank[coin]),
  }
}
