import type { WireEvent } from './events.ts'

/** What the world sends: to everybody, or to all connections of one player. */
export type Outgoing =
  | { readonly to: 'all'; readonly event: WireEvent /** A large frame: may be sent in slices. */; readonly full: boolean }
  | { readonly to: 'player'; readonly playerId: string; readonly event: WireEvent }

/** The round as anybody may see it. */
export interface RoundState {
  readonly gameId: string
  readonly serverSeedHash: string
  readonly phase: 'cooldown' | 'presale' | 'active' | 'rugged'
  readonly tick: number
  readonly price: number
  /** Milliseconds left before tick 0; 0 while the game runs. */
  readonly cooldownTimer: number
}
