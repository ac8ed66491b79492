/** Somebody at the sample's table. */
export interface Player {
  readonly id: string
  /** Null is seen on the feed, and so are names that break careless programs. */
  readonly username: string | null
  readonly level: number
  /** SOL per stake. */
  readonly stake: string
  /** Buys in presale. */
  readonly early: boolean
  /** Ticks between the player's actions. */
  readonly pace: number
}

/** The cast. Ids have the feed's shape; nobody real is among them. */
export const PLAYERS: readonly [Player, ...Player[]] = [
  { id: 'did:privy:cmsample0000000000000ada1', username: 'Ada', level: 41, stake: '0.25', early: true, pace: 7 },
  { id: 'did:privy:cmsample0000000000000bob2', username: 'Łukasz ☕', level: 12, stake: '0.05', early: true, pace: 5 },
  { id: 'did:privy:cmsample0000000000000cyr3', username: '月光', level: 66, stake: '1.5', early: false, pace: 11 },
  { id: 'did:privy:cmsample0000000000000dan4', username: 'say "hi"', level: 23, stake: '0.010000001', early: false, pace: 4 },
  { id: 'did:privy:cmsample0000000000000eve5', username: null, level: 8, stake: '0.1', early: false, pace: 9 },
  { id: 'did:privy:cmsample0000000000000fay6', username: 'null', level: 80, stake: '0.73', early: true, pace: 13 },
]

/** What they say. */
export const CHAT: readonly [string, ...string[]] = [
  'gm',
  'this one goes to 10x 🚀',
  'sold too early, again',
  'who is in presale?',
  'gg',
  '“never again” – me, every round',
]
