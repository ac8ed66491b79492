import type { Refusal, Trade } from '@vectra/game'
import type { Account } from './accounts.ts'
import type { Core } from './core.ts'
import { type ChatLine, sidebetPayload, sidebetResultPayload, traced, tradePayload, type WireEvent } from './events.ts'
import { type Person, PRACTICE_ADDRESS } from './people.ts'
import { gameStatePlayerUpdate, playerUpdate } from './player-frames.ts'
import type { Round } from './round.ts'
import { ORDER_DELAYS, TIMINGS } from './timings.ts'

/** Where something private goes: now, or `delay` ms of simulated time later. */
export type SendPrivate = (playerId: string, event: WireEvent, delay?: number) => void

/** The private side: who is logged in, what they ask, what they are told. */
export interface Players {
  readonly online: ReadonlyMap<string, Account>
  /** Logs a connection in; the first of a player also seats them. */
  enter(account: Account): void
  leave(playerId: string): void
  /** What follows a login, in the real order, all with the login's trace. */
  welcome(account: Account, traceId?: string): void
  /** A request. @returns the ack's arguments and when it is due, or null for requests that are answered by events alone */
  request(account: Account | null, name: string, args: readonly unknown[]): { ack: readonly unknown[]; delay: number } | null
  /** `gameStatePlayerUpdate` to everybody online, as after each state frame. */
  followState(): void
  notifyAll(): void
  noticeSidebet: Core['noticeSidebet']
  noticeRug: Core['noticeRug']
}

/** Requests that are not about money: name to the event that answers. */
const ANSWERED: Readonly<Record<string, string>> = {
  getLeaderboard: 'leaderboardData',
  getPlayerLeaderboardPosition: 'playerLeaderboardPosition',
  getPlayerCosmetics: 'playerCosmetics',
  chatHistory: 'chatHistory',
  checkUsername: 'usernameStatus',
}

/** Nobody online yet. `chat` gives the lines that `chatHistory` answers with. */
export function openPlayers(core: Core, round: () => Round, chat: () => readonly ChatLine[], send: SendPrivate): Players {
  const { shape, table, streams } = core
  const online = new Map<string, Account>()
  const connections = new Map<string, number>()

  const update = (person: Person, delay = 0): void =>
    send(person.id, { name: 'playerUpdate', args: [playerUpdate(shape, table, person, core.stamp())] }, delay)
  const state = (person: Person, delay = 0): void => {
    const entry = round()
      .standings()
      .find((one) => one.id === person.id)
    send(
      person.id,
      { name: 'gameStatePlayerUpdate', args: [gameStatePlayerUpdate(shape, round().state().gameId, entry, core.rugpool.full())] },
      delay,
    )
  }
  const withTrace = (name: string, payload: unknown, traceId?: string): WireEvent =>
    traced(shape, streams.trace, name, payload, traceId)
  const answers = (account: Account, name: string, traceId?: string): WireEvent => {
    const { person } = account
    const payloads: Readonly<Record<string, unknown>> = {
      usernameStatus: { id: person.id, username: person.username, hasUsername: person.username !== null },
      leaderboardData: { period: '7d', entries: [] },
      playerLeaderboardPosition: {
        success: true,
        period: '7d',
        sortDirection: 'highest',
        playerFound: true,
        rank: 1164,
        total: 2595,
        playerEntry: { playerId: person.id, username: person.username, pnl: -0.015559657000000001 },
        surroundingEntries: [],
      },
      playerCosmetics: { playerId: person.id, cosmetics: [] },
      chatHistory: { messages: chat() },
    }
    return withTrace(name, payloads[name] ?? null, traceId)
  }
  const place = (account: Account, traceId: string | undefined, placed: Trade): void => {
    const { person } = account
    round().onTrade(placed)
    round().touch()
    send(
      person.id,
      withTrace('standard/newTrade', tradePayload(shape, placed, person, core.tradeId(placed), 1), traceId),
      ORDER_DELAYS.trade,
    )
    update(person, ORDER_DELAYS.player)
    state(person, ORDER_DELAYS.state)
  }
  const money = (
    account: Account,
    name: string,
    order: Record<string, unknown>,
    traceId: string | undefined,
  ): readonly unknown[] => {
    const { person } = account
    const coin = order.coinAddress === PRACTICE_ADDRESS || order.coin === 'free' ? ('practice' as const) : undefined
    const amount = typeof order.amount === 'number' || typeof order.amount === 'string' ? order.amount : Number.NaN
    if (name === 'requestSidebet') {
      const result = table.sidebet(person.id, { amount, ...(coin === undefined ? {} : { coin }) })
      if (!result.ok) return [failure(result)]
      round().onSidebet(person.id)
      round().touch()
      const payload = sidebetPayload(shape, result.bet, person, round().state().gameId, core.stamp())
      update(person, ORDER_DELAYS.trade)
      send(person.id, withTrace('currentSidebet', payload, traceId), ORDER_DELAYS.player)
      return [{ success: true, message: 'Side bet placed', sidebet: payload }]
    }
    const result =
      name === 'buyOrder'
        ? table.buy(person.id, { amount, ...(coin === undefined ? {} : { coin }) })
        : table.sell(person.id, { percentage: typeof order.percentage === 'number' ? order.percentage : Number.NaN })
    if (!result.ok) return [failure(result)]
    place(account, traceId, result.trade)
    return [{ success: true }]
  }

  return {
    online,
    enter(account) {
      const { person } = account
      if (table.view(person.id) === undefined) table.deposit(person.id, { solana: account.cash, practice: account.practice })
      online.set(person.id, account)
      connections.set(person.id, (connections.get(person.id) ?? 0) + 1)
    },
    leave(playerId) {
      const left = (connections.get(playerId) ?? 1) - 1
      connections.set(playerId, left)
      if (left <= 0) online.delete(playerId)
    },
    welcome(account, traceId = streams.trace.hex(32)) {
      const { person } = account
      update(person)
      state(person)
      send(person.id, answers(account, 'usernameStatus', traceId))
      send(person.id, withTrace('mutedPlayers', { players: [] }, traceId))
    },
    request(account, name, args) {
      const { traceId, order } = readRequest(args)
      if (name === 'ping') return { ack: [], delay: 0 }
      if (account === null) return { ack: [{ success: false, error: 'UNAUTHENTICATED', message: 'log in first' }], delay: 0 }
      if (name === 'buyOrder' || name === 'sellOrder' || name === 'requestSidebet')
        return { ack: money(account, name, order, traceId), delay: ORDER_DELAYS.ack }
      const answer = ANSWERED[name]
      if (answer === undefined)
        return { ack: [{ success: false, error: 'UNKNOWN_REQUEST', message: `no request ${name}` }], delay: 0 }
      send(account.person.id, answers(account, answer, traceId), ORDER_DELAYS.trade)
      return null
    },
    followState() {
      for (const { person } of online.values()) state(person, streams.timing.quantile(TIMINGS.playerFrame))
    },
    notifyAll() {
      for (const { person } of online.values()) update(person)
    },
    noticeSidebet(result, person, price) {
      if (!online.has(person.id)) return
      send(
        person.id,
        withTrace(
          'currentSidebetResult',
          sidebetResultPayload(shape, result, person, round().state().gameId, core.stamp(), price),
        ),
      )
      update(person)
    },
    noticeRug(liquidations, settled) {
      const sold = liquidations.filter((trade) => online.has(trade.playerId))
      for (const trade of sold) {
        const person = core.personOf(trade.playerId)
        send(person.id, withTrace('standard/newTrade', tradePayload(shape, trade, person, core.tradeId(trade), 1)))
        update(person)
        state(person)
        send(
          person.id,
          withTrace('rugpassQuestCompleted', { questId: 'play5', questType: 'daily', description: 'Play 5 games', gems: 5 }),
        )
      }
      return sold.length > 0 || settled.some((playerId) => online.has(playerId))
    },
  }
}

/** The real failure acks are unknown; this is the form that clients must at least survive. */
function failure(refusal: Refusal): object {
  return { success: false, error: refusal.code, message: refusal.message }
}

/** A request's trace id and its first argument that is no trace. */
function readRequest(args: readonly unknown[]): { traceId: string | undefined; order: Record<string, unknown> } {
  const objects = args.filter(
    (arg): arg is Record<string, unknown> => typeof arg === 'object' && arg !== null && !Array.isArray(arg),
  )
  const trace = objects.find((arg) => '__trace' in arg || 'traceparent' in arg)
  const traceId = typeof trace?.traceparent === 'string' ? /^00-([0-9a-f]{32})-/.exec(trace.traceparent)?.[1] : undefined
  return { traceId, order: objects.find((arg) => arg !== trace) ?? {} }
}
