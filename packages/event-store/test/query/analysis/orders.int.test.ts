import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openQuery, type QueryEngine } from '../../../src/query/engine.ts'
import { openEventStore } from '../../../src/store.ts'
import { GAME, SESSION, T0 } from '../fixture.ts'
import { envelopes } from './frames.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const BET_TRACE = '0af7651916cd43dd8448eb211c80319d'
const trace = (id: string) => `{"__trace":true,"traceparent":"00-${id}-b7ad6b7169203331-01"}`
const player = (cash: string, qty: string, invested: string) =>
  `42["playerUpdate",{"id":"did:privy:me","cash":${cash},"positionQty":${qty},"avgCost":1.181828845,"cumulativePnL":0,"totalInvested":${invested}}]`

/**
 * An order and a sidebet as they were seen on the wire, then one that is refused and one without an answer.
 *
 * @see domain/events.md 5.7: request 0 ms, broadcast +69, playerUpdate +198, ack +219
 */
const FRAMES = envelopes([
  { at: 0, game: GAME, text: '42["usernameStatus",{"id":"did:privy:me","username":"me \\"}{\\" too","hasUsername":true}]' },
  { at: 10, game: GAME, text: player('1.000000001', '0', '0') },
  { at: 1_000, game: GAME, direction: 'sent', text: `4229["buyOrder",${trace(TRACE)},{"amount":0.004}]` },
  { at: 1_020, game: GAME, text: player('1.000000001', '0', '0') },
  {
    at: 1_069,
    game: GAME,
    text: `42["standard/newTrade",${trace(TRACE)},{"id":"t1","gameId":"${GAME}","playerId":"did:privy:me","username":"me","level":3,"type":"buy","price":1.1818288450000001,"tickIndex":7,"coin":"solana","amount":0.004,"qty":0.003384584,"leverage":1,"bonusPortion":0,"realPortion":0.004}]`,
  },
  { at: 1_198, game: GAME, text: player('0.996000001', '0.003384584', '0.004') },
  {
    at: 1_213,
    game: GAME,
    text: `42["gameStatePlayerUpdate",{"gameId":"${GAME}","leaderboardEntry":{"id":"did:privy:me","username":null,"pnl":-0.000000001,"positionQty":0.003384584,"avgCost":1.181828845,"totalInvested":0.004}}]`,
  },
  {
    at: 1_219,
    game: GAME,
    text: '4329[{"success":true}]',
    event: 'ack:buyOrder',
    acked: { event_name: 'buyOrder', seq: 3, latency_us: 219_000 },
  },
  {
    at: 2_000,
    game: GAME,
    direction: 'sent',
    text: `4230["requestSidebet",${trace(BET_TRACE)},{"amount":0.001,"coinAddress":"So11","xPayout":5}]`,
  },
  { at: 2_100, game: GAME, text: player('0.995000001', '0.003384584', '0.005') },
  {
    at: 2_110,
    game: GAME,
    text: `42["currentSidebet",${trace(BET_TRACE)},{"playerId":"did:privy:me","gameId":"${GAME}","username":"a\\"}{b","level":3,"price":1.2,"betAmount":0.001,"xPayout":5,"coinAddress":"So11","startTick":9,"endTick":49,"tickIndex":9,"timestamp":1765533602110,"type":"placed"}]`,
  },
  {
    at: 2_150,
    game: GAME,
    text: '4330[{"success":true,"message":"Side bet placed"}]',
    event: 'ack:requestSidebet',
    acked: { event_name: 'requestSidebet', seq: 9, latency_us: 150_000 },
  },
  { at: 3_000, game: GAME, direction: 'sent', text: '4231["sellOrder",{"percentage":50}]' },
  {
    at: 3_100,
    game: GAME,
    text: '4331[{"success":false,"reason":"Game not active"}]',
    event: 'ack:sellOrder',
    acked: { event_name: 'sellOrder', seq: 13, latency_us: 100_000 },
  },
  {
    at: 5_000,
    game: GAME,
    text: `42["currentSidebetResult",{"playerId":"did:privy:me","gameId":"${GAME}","username":"a\\"}{b","price":0.018,"betAmount":0.001,"xPayout":5,"startTick":9,"endTick":49,"tickIndex":31,"timestamp":1765533605000,"type":"payout","payout":0.005,"profit":0.004}]`,
  },
  { at: 30_000, game: GAME, direction: 'sent', text: '4232["sellOrder",{"percentage":100}]' },
  {
    at: 45_000,
    direction: 'internal',
    event: 'gap',
    text: `{"from":${T0 + 31_000_000},"to":${T0 + 45_000_000},"cause":"disconnect","source":"cdp","est_missing":56,"recovered_by":null}`,
  },
  { at: 46_000, game: GAME, text: player('1', '0', '0') },
])

describe('views of our own side', () => {
  let dir: string
  let query: QueryEngine

  beforeAll(async () => {
    dir = mkdtempSync(path.join(os.tmpdir(), 'vectra-orders-'))
    await using store = await openEventStore({ dir })
    await store.openSession({ sessionId: SESSION, source: 'cdp' })
    await store.append(FRAMES)
    await store.flush()
    query = await openQuery({ dir })
  })

  afterAll(async () => {
    await query.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('orders: from the request to the ack, the broadcast and the balance that changed', async () => {
    const { columns, rows } = await query.sql('SELECT * FROM orders ORDER BY request_seq')
    const orders = rows.map((row) =>
      Object.fromEntries(columns.map(({ name }, index) => [name, row[index] === null ? null : String(row[index])])),
    )
    expect(orders).toMatchObject([
      {
        action: 'buy',
        amount: '0.004',
        outcome: 'accepted',
        ack_us: '219000',
        fill_us: '69000',
        fill_tick: '7',
        fill_price: '1.1818288450000001',
        fill_qty: '0.003384584',
        reflected_us: '198000',
        cash: '0.996000001',
        position_qty: '0.003384584',
        trace_id: TRACE,
      },
      {
        action: 'sidebet',
        amount: '0.001',
        outcome: 'accepted',
        message: 'Side bet placed',
        ack_us: '150000',
        fill_us: '110000',
        reflected_us: '100000',
      },
      {
        action: 'sell',
        percentage: '50',
        outcome: 'rejected',
        message: 'Game not active',
        ack_us: '100000',
        reflected_us: null,
        cash: null,
      },
      // A changed balance 16 s later is not its effect.
      { action: 'sell', percentage: '100', outcome: 'unknown', ack_seq: null, reflected_us: null },
    ])
  })

  it('player_state: each message as sent, nothing carried over, the name by the id', async () => {
    const { rows } = await query.sql('SELECT seq, said_by, username, cash, position_qty, pnl FROM player_state ORDER BY seq')
    expect(rows.map((row) => row.map(String))).toEqual([
      ['2', 'playerUpdate', 'me "}{" too', '1.000000001', '0', '0'],
      ['4', 'playerUpdate', 'me "}{" too', '1.000000001', '0', '0'],
      ['6', 'playerUpdate', 'me "}{" too', '0.996000001', '0.003384584', '0'],
      ['7', 'gameStatePlayerUpdate', 'me "}{" too', 'null', '0.003384584', '-1e-9'],
      ['10', 'playerUpdate', 'me "}{" too', '0.995000001', '0.003384584', '0'],
      ['18', 'playerUpdate', 'me "}{" too', '1', '0', '0'],
    ])
  })

  it('sidebets: our own bet and its result are one row', async () => {
    const { rows } = await query.sql(
      'SELECT username, start_tick, end_tick, bet_amount, placed_seen, settled, payout, profit, won, rug_tick, seen_in FROM sidebets',
    )
    expect(rows.map((row) => row.map(String))).toEqual([
      ['a"}{b', '9', '49', '0.001', 'true', 'true', '0.005', '0.004', 'true', '31', 'broadcast'],
    ])
  })

  it('gaps: when, why, how much', async () => {
    const { rows } = await query.sql('SELECT cause, from_ts, duration_us, est_missing FROM gaps')
    expect(rows).toEqual([['disconnect', T0 + 31_000_000, 14_000_000n, 56n]])
  })

  it('sessions: one row, with what it declares', async () => {
    const { rows } = await query.sql('SELECT source, events, missing, gaps, ended FROM sessions')
    // It begins without a session_start: nothing that could have been cut off.
    expect(rows.map((row) => row.map(String))).toEqual([['cdp', '18', '0', '1', 'true']])
  })
})
