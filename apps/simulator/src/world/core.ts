import type { SidebetResult, Table, Trade } from '@vectra/game'
import type { Agenda } from './agenda.ts'
import type { Bots } from './bots.ts'
import type { EraShape } from './era.ts'
import type { WireEvent } from './events.ts'
import type { GameSeed, History } from './history.ts'
import type { Standing } from './leaderboard.ts'
import type { Person } from './people.ts'
import type { Rugpool } from './rugpool.ts'
import type { SideEvents } from './side-events.ts'
import type { Stream } from './streams.ts'
import type { TradeSample } from './trade-sample.ts'

/** Independent choices: one stream per concern. */
export interface Streams {
  /** Game ids and seeds. */
  readonly games: Stream
  readonly timing: Stream
  readonly quirks: Stream
  readonly crowd: Stream
  readonly ids: Stream
  readonly trace: Stream
  readonly chat: Stream
  readonly sample: Stream
}

/** What the round and the players share. */
export interface Core {
  readonly shape: EraShape
  readonly streams: Streams
  readonly agenda: Agenda
  readonly table: Table
  readonly history: History
  readonly bots: Bots
  readonly rugpool: Rugpool
  readonly sideEvents: SideEvents
  readonly sample: TradeSample
  readonly crowd: readonly [Person, ...Person[]]
  readonly rugProbability: number
  /** The server's irregularities; without them every frame comes, once and in order. */
  readonly quirks: boolean
  /** Simulated time, milliseconds since 1970, with fractions. */
  now(): number
  /** Simulated time as payloads show it: whole, and off by the clock skew. */
  stamp(): number
  sendState(payload: Readonly<Record<string, unknown>>, full: boolean): void
  broadcast(event: WireEvent): void
  personOf(playerId: string): Person
  /** A fill has one id, whoever is told of it. */
  tradeId(trade: Trade): string
  standings(): Standing[]
  /** SOL still in presale lots, for the rug pool. */
  presaleStakes(): number
  /** `playerUpdate` to everybody who is logged in. */
  notifyPlayers(): void
  noticeSidebet(result: SidebetResult, person: Person, price: number): void
  /** Tells logged-in players what the rug took. @returns whether there was somebody to tell */
  noticeRug(liquidations: readonly Trade[], settled: readonly string[]): boolean
  /** The seed a test asked for the next game. */
  claimSeed(): GameSeed | null
  onGameOver(seed: GameSeed, prices: readonly number[]): void
}
