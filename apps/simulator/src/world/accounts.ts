import { SimulatorError } from '../errors.ts'
import type { Person } from './people.ts'
import { playerIdFrom } from './people.ts'
import type { Stream } from './streams.ts'

/** A player that a client can log in as. */
export interface PlayerOptions {
  /** What the client sends: in the handshake's `auth.token`, or with `authenticate`. */
  readonly token: string
  readonly username?: string | null
  readonly level?: number
  /** SOL at the start; 1 by default. */
  readonly cash?: string
  /** Practice tokens at the start; 100 by default. */
  readonly practice?: string
}

/** Somebody who can log in. */
export interface Account {
  readonly token: string
  readonly person: Person
  readonly cash: string
  readonly practice: string
}

/** Accounts by token. `sim:<name>` is always a player of that name. */
export interface Accounts {
  find(token: unknown): Account | undefined
  byPlayer(playerId: string): Account | undefined
}

const OPEN_TOKEN = /^sim:([\w-]{1,24})$/

/**
 * The given players, and whoever comes with a `sim:` token.
 *
 * @throws SimulatorError `SIM_OPTION` when two players share a token
 */
export function openAccounts(given: readonly PlayerOptions[], streamOf: (token: string) => Stream): Accounts {
  const accounts = new Map<string, Account>()
  const add = (options: PlayerOptions): Account => {
    const account: Account = {
      token: options.token,
      person: {
        id: playerIdFrom(streamOf(options.token)),
        username: options.username === undefined ? null : options.username,
        level: options.level ?? 12,
        practice: false,
      },
      cash: options.cash ?? '1',
      practice: options.practice ?? '100',
    }
    accounts.set(options.token, account)
    return account
  }
  for (const options of given) {
    if (accounts.has(options.token))
      throw new SimulatorError('SIM_OPTION', 'two players have the same token', {
        context: { username: options.username ?? null },
      })
    add(options)
  }
  return {
    find(token) {
      if (typeof token !== 'string') return undefined
      const name = OPEN_TOKEN.exec(token)?.[1]
      return accounts.get(token) ?? (name === undefined ? undefined : add({ token, username: name }))
    },
    byPlayer: (playerId) => [...accounts.values()].find((account) => account.person.id === playerId),
  }
}
