import { describe, expect, it } from 'vitest'
import { Milestones } from '../../src/watch/milestones.ts'
import { Tape } from '../live/envelopes.ts'

const A = '20251212-6114b2ff44ef4b71'
const B = '20251212-25dcb17086a24ad7'
const shared = '"leaderboard":[],"connectedPlayers":1,"provablyFair":{"serverSeedHash":"x","version":"v3"},"cooldownPaused":false'
const waiting = (game: string, timer: number): string =>
  `{"gameId":"${game}","cooldownTimer":${timer},"allowPreRoundBuys":${timer <= 10_000},${shared}}`
const tick = (game: string, n: number, more = ''): string =>
  `{"gameId":"${game}","active":true,"rugged":false,"price":1.5,"tickCount":${n},"cooldownTimer":0,"allowPreRoundBuys":false${more},${shared}}`
const rug = (game: string, n: number): string => tick(game, n).replace('"rugged":false', '"rugged":true')
const secondRug = (game: string, n: number, window: number): string =>
  rug(game, n).replace('{', `{"gameHistory":[],"partialPrices":{"startTick":0,"endTick":${window},"values":{}},`)

/** What is noted for each frame of a tape. */
function notes(tape: Tape, connection: (index: number) => string = () => 'a'): unknown[] {
  const milestones = new Milestones()
  return tape.events.flatMap((event, index) =>
    milestones.onEvent(event, connection(index)).map((noted) => (noted.kind === 'system' ? [noted.name, noted.payload] : noted)),
  )
}

describe('games', () => {
  it('start with their first tick and end with the rug, once each', () => {
    const tape = new Tape()
    for (const text of [waiting(A, 200), waiting(A, 100), tick(A, 0), tick(A, 0), tick(A, 1), rug(A, 2), secondRug(A, 4, 2)])
      tape.received('gameStateUpdate', text)
    for (const text of [waiting(B, 14_900), tick(B, 0)]) tape.received('gameStateUpdate', text)
    expect(notes(tape)).toEqual([
      ['game_start', { gameId: A, tick: 0 }],
      ['game_end', { gameId: A, tick: 2 }],
      ['game_start', { gameId: B, tick: 0 }],
    ])
  })

  it('that ran before say so; the second rug frame tells the rug that the first did not', () => {
    const tape = new Tape()
    for (const text of [tick(A, 129), tick(A, 128), secondRug(A, 134, 131)]) tape.received('gameStateUpdate', text)
    expect(notes(tape)).toEqual([
      ['game_start', { gameId: A, tick: 129, reason: 'joined' }],
      ['game_end', { gameId: A, tick: 131 }],
    ])
  })

  it('end with the next one when their rug was missed, and a late frame does not bring them back', () => {
    const tape = new Tape()
    for (const text of [tick(A, 0), waiting(B, 14_800), secondRug(A, 9, 8), waiting(B, 14_700)])
      tape.received('gameStateUpdate', text)
    expect(notes(tape)).toEqual([
      ['game_start', { gameId: A, tick: 0 }],
      ['game_end', { gameId: A, tick: null, reason: 'rug_not_seen' }],
    ])
  })
})

describe('a login', () => {
  it('is noted once per connection, by whichever event tells it first', () => {
    const tape = new Tape()
    tape.received('playerUpdate', '{"id":"did:privy:cm1","authenticated":true,"cash":1}')
    tape.received('usernameStatus', '{"id":"did:privy:cm1","username":"ann","hasUsername":true}')
    tape.received('playerUpdate', '{"id":"did:privy:cm1","authenticated":true,"cash":2}')
    tape.received('usernameStatus', '{"id":"did:privy:cm1","username":"ann","hasUsername":true}')
    expect(notes(tape, (index) => (index < 3 ? 'a' : 'b'))).toEqual([
      ['auth_success', { connection: 'a', playerId: 'did:privy:cm1', username: null, details: { by: 'playerUpdate' } }],
      ['auth_success', { connection: 'b', playerId: 'did:privy:cm1', username: 'ann', details: { by: 'usernameStatus' } }],
    ])
  })

  it('is not one when the server says that nobody is logged in, or what came is no such event', () => {
    const tape = new Tape()
    tape.received('playerUpdate', '{"id":"did:privy:cm1","authenticated":false}')
    tape.received('usernameStatus', '{"username":"ann"}')
    tape.received('usernameStatus', 'null')
    expect(notes(tape)).toEqual([])
  })
})
