import { serverSeedHash, verifyGame } from '@vectra/game'
import { describe, expect, it } from 'vitest'
import { SimulatorError, startSimulator } from '../src/index.ts'
import { isState, openClient } from './client.ts'

const PUBLIC_GREETING = [
  'gameStateUpdate',
  'goldenHourUpdate',
  'battleEventUpdate',
  'rugRoyaleUpdate',
  'sidebetEventUpdate',
  'battleEventUpdate',
  'maintenanceUpdate',
]

describe('what arrived', () => {
  it('is told in order, with its arguments', async () => {
    await using sim = await startSimulator({ seed: 'heard', paused: true })
    await using client = openClient(sim.url, { token: 'sim:ann' })
    await client.connected()
    await client.socket.emitWithAck('ping', { lastPing: 1 })
    await client.socket.emitWithAck('buyOrder', { amount: 0.001 })
    expect(sim.control.requests()).toEqual([
      { name: 'ping', args: [{ lastPing: 1 }], connection: client.socket.id },
      { name: 'buyOrder', args: [{ amount: 0.001 }], connection: client.socket.id },
    ])
  })
})

describe('the public feed', () => {
  it('greets a connection with the full state and the side events, in the real order', async () => {
    await using sim = await startSimulator({ seed: 'greet', paused: true })
    await using client = openClient(sim.url)
    await client.until((one) => one.name === 'maintenanceUpdate')
    expect(client.heard.map((one) => one.name)).toEqual(PUBLIC_GREETING)
    const state = client.heard[0]?.payload ?? {}
    expect(Object.keys(state)).toHaveLength(36 + ('rugRoyale' in state ? 1 : 0))
    expect(state).toMatchObject({ prices: [1], cooldownTimer: 15_000 })
    expect(state.gameHistory).toHaveLength(10)
  })

  it('plays a whole round step by step, with every frame shape and no sleep', async () => {
    await using sim = await startSimulator({ seed: 'round', paused: true, quirks: false })
    await using client = openClient(sim.url)
    await client.until((one) => one.name === 'maintenanceUpdate')
    sim.control.rugAt(8)
    const active = await sim.control.waitFor('active')
    expect(active).toMatchObject({ tick: 0, price: 1, cooldownTimer: 0 })
    const rugged = await sim.control.waitFor('rugged')
    expect(rugged.tick).toBe(8)
    const next = await sim.control.waitFor('cooldown')
    expect(next.gameId).not.toBe(rugged.gameId)
    const revealed = await client.until(
      (one) => isState(one) && one.payload.gameId === next.gameId && 'gameHistory' in one.payload,
    )
    expect((revealed.payload.gameHistory as { id: string }[])[0]?.id).toBe(rugged.gameId)
    const sizes = client.heard
      .filter(isState)
      .slice(1)
      .map((one) => Object.keys(one.payload).length)
    const expected = (keys: number, times: number): number[] => Array.from({ length: times }, () => keys)
    const full = sizes.at(-1) ?? 0
    expect(sizes).toEqual([full, ...expected(7, 49), 21, ...expected(7, 100), 14, ...expected(21, 8), full, full])
    const rugs = client.heard.filter((one) => isState(one) && one.payload.rugged === true)
    expect(
      rugs.map((one) => [one.payload.tickCount, one.payload.active, (one.payload.partialPrices as { endTick: number }).endTick]),
    ).toEqual([
      [8, true, 8],
      [9, true, 8],
    ])
    expect(rugs.every((one) => !('serverSeed' in (one.payload.provablyFair as object)))).toBe(true)
  })

  it('reveals seeds that prove its games; one forced by a test is marked as unfair', async () => {
    await using sim = await startSimulator({ seed: 'fair', paused: true, rugProbability: 0.05 })
    await sim.control.waitFor(() => sim.control.games().length === 2)
    sim.control.rugAt(2)
    await sim.control.waitFor(() => sim.control.games().length === 3)
    const verdicts = sim.control.games().map((game) => {
      expect(serverSeedHash(game.serverSeed)).toBe(game.serverSeedHash)
      return [
        game.fair,
        verifyGame({ ...game, version: 'v3' }, { parameters: { ...verifyGame(game).parameters!, rugProbability: 0.05 } }).verdict,
      ]
    })
    expect(verdicts).toEqual([
      [true, 'fair'],
      [true, 'fair'],
      [false, 'mismatch'],
    ])
  })

  it('finds a seed for a wanted rug, so that the shaped game still verifies', async () => {
    await using sim = await startSimulator({ seed: 'mined', paused: true })
    sim.control.rugAt(3)
    sim.control.rugAt(12, 'next')
    await sim.control.waitFor(() => sim.control.games().length === 2)
    const game = sim.control.games()[1]!
    expect([game.prices.length - 1, game.fair, verifyGame(game).verdict]).toEqual([12, true, 'fair'])
  })

  it('the first games can be given their rug ticks, and verify all the same', async () => {
    await using sim = await startSimulator({ seed: 'shaped', paused: true, rugTicks: [5, 40] })
    await sim.control.waitFor(() => sim.control.games().length === 2)
    expect(sim.control.games().map((game) => [game.prices.length - 1, game.fair, verifyGame(game).verdict])).toEqual([
      [5, true, 'fair'],
      [40, true, 'fair'],
    ])
    await expect(startSimulator({ rugTicks: [0] })).rejects.toThrow(expect.objectContaining({ code: 'SIM_OPTION' }))
  })

  it('the same seed gives the same frames, another seed others', async () => {
    const record = async (seed: string): Promise<string> => {
      await using sim = await startSimulator({ seed, paused: true })
      await using client = openClient(sim.url)
      await client.until((one) => one.name === 'maintenanceUpdate')
      await sim.control.waitFor('active')
      sim.control.emit('theEnd', {})
      await client.until((one) => one.name === 'theEnd')
      return JSON.stringify(client.heard)
    }
    const [first, again, other] = [await record('one'), await record('one'), await record('two')]
    expect(first === again).toBe(true)
    expect(first === other).toBe(false)
  })

  it('waits for its first client when told to', async () => {
    await using sim = await startSimulator({ seed: 'wait', speed: 1000, waitForClient: true })
    const before = sim.stats().frames
    await using client = openClient(sim.url)
    await client.until((one) => isState(one) && one.payload.cooldownTimer === 14_900)
    expect(before).toBe(0)
    expect(client.heard.find(isState)?.payload).toMatchObject({ cooldownTimer: 15_000 })
  })

  it('runs by itself at speed, and reports how far behind it is', async () => {
    await using sim = await startSimulator({ seed: 'fast', speed: 1000, rugProbability: 0.2, bots: 3 })
    await using client = openClient(sim.url)
    await sim.control.waitFor(() => sim.control.games().length >= 2)
    await client.connected()
    expect(sim.stats()).toMatchObject({ connections: 1 })
    expect(sim.stats().frames).toBeGreaterThan(300)
  })
})

describe('the private side', () => {
  it('logs in with a token, welcomes in the real order, and answers at once while paused', async () => {
    await using sim = await startSimulator({
      seed: 'private',
      paused: true,
      players: [{ token: 'secret', username: 'Ann', cash: '0.5', level: 33 }],
    })
    await using client = openClient(sim.url, { token: 'secret' })
    await client.until((one) => one.name === 'mutedPlayers')
    expect(client.heard.map((one) => one.name)).toEqual([
      ...PUBLIC_GREETING,
      'playerUpdate',
      'gameStatePlayerUpdate',
      'usernameStatus',
      'mutedPlayers',
    ])
    const update = await client.until((one) => one.name === 'playerUpdate')
    expect(update.args).toHaveLength(1)
    expect(update.payload).toMatchObject({ authenticated: true, cash: 0.5, shitcoinBalances: { '0xPractice': 100 } })
    expect((await client.until((one) => one.name === 'usernameStatus')).payload).toMatchObject({
      username: 'Ann',
      hasUsername: true,
    })
  })

  it('an order: trade, player, state and ack in the observed order, the trace of the request on the trade', async () => {
    await using sim = await startSimulator({ seed: 'order', paused: true })
    await using client = openClient(sim.url, { token: 'sim:ann' })
    await client.until((one) => one.name === 'mutedPlayers')
    sim.control.rugAt(50)
    await sim.control.waitFor((state) => state.phase === 'active' && state.tick === 3)
    await client.until((one) => one.name === 'gameStatePlayerUpdate' && one.payload.gameId === sim.control.state().gameId)
    const heardBefore = client.heard.length
    const traceId = 'a'.repeat(32)
    const ack = await client.socket.emitWithAck(
      'buyOrder',
      { __trace: true, traceparent: `00-${traceId}-${'b'.repeat(16)}-01` },
      { amount: 0.002 },
    )
    expect(ack).toEqual({ success: true })
    const caused = client.heard
      .slice(heardBefore)
      .filter((one) => ['standard/newTrade', 'playerUpdate', 'gameStatePlayerUpdate'].includes(one.name))
    expect(caused.slice(-3).map((one) => one.name)).toEqual(['standard/newTrade', 'playerUpdate', 'gameStatePlayerUpdate'])
    const trade = caused.at(-3)
    expect((trade?.args[0] as { traceparent: string }).traceparent).toContain(traceId)
    expect(trade?.payload).toMatchObject({ type: 'buy', amount: 0.002, tickIndex: 3, leverage: 1, username: 'ann' })
    expect(caused.at(-2)?.payload).toMatchObject({ cash: 0.998, totalInvested: 0.002 })
    expect(caused.at(-1)?.payload.leaderboardEntry).toMatchObject({ totalInvested: 0.002 })
    const bet = await client.socket.emitWithAck('requestSidebet', {
      amount: 0.001,
      coinAddress: 'So11111111111111111111111111111111111111112',
      xPayout: 5,
    })
    expect(bet).toMatchObject({
      success: true,
      message: 'Side bet placed',
      sidebet: { startTick: 3, endTick: 43, type: 'placed' },
    })
    expect(await client.socket.emitWithAck('sellOrder', { percentage: 100 })).toEqual({ success: true })
    expect(
      await client.socket
        .timeout(5000)
        .emitWithAck('ping', { lastPing: 12.5 })
        .then(
          (value) => value ?? null,
          (error) => String(error),
        ),
    ).toBeNull()
  })

  it('the rug: result, player, forced sell, player, state and quest before the rug frame', async () => {
    await using sim = await startSimulator({ seed: 'rugged', paused: true, quirks: false })
    await using client = openClient(sim.url, { token: 'sim:ann' })
    await client.until((one) => one.name === 'mutedPlayers')
    sim.control.rugAt(10)
    await sim.control.waitFor('presale')
    await client.socket.emitWithAck('buyOrder', { amount: 0.007 })
    await client.socket.emitWithAck('requestSidebet', { amount: 0.001 })
    await sim.control.waitFor((state) => state.phase === 'active' && state.tick === 9)
    sim.control.emit('mark', {})
    await client.until((one) => one.name === 'mark')
    const from = client.heard.length
    await sim.control.waitFor('rugged')
    await sim.control.step()
    await client.until((one) => isState(one) && one.payload.rugged === true)
    const names = client.heard
      .slice(from)
      .map((one) => one.name)
      .filter((name) => name !== 'newChatMessage')
    expect(names.slice(0, 7)).toEqual([
      'currentSidebetResult',
      'playerUpdate',
      'standard/newTrade',
      'playerUpdate',
      'gameStatePlayerUpdate',
      'rugpassQuestCompleted',
      'gameStateUpdate',
    ])
    expect((await client.until((one) => one.name === 'currentSidebetResult')).payload).toMatchObject({
      payout: 0.005,
      profit: 0.004,
      tickIndex: 10,
      type: 'payout',
    })
    expect(sim.control.player('sim:ann')).toMatchObject({ positionQty: '0' })
  })

  it('refuses orders by acks with a code, and changes nothing', async () => {
    await using sim = await startSimulator({ seed: 'refusals', paused: true })
    await using client = openClient(sim.url, { token: 'sim:ann' })
    await client.until((one) => one.name === 'mutedPlayers')
    expect(await client.socket.emitWithAck('buyOrder', { amount: 0.1 })).toMatchObject({ success: false, error: 'PHASE' })
    await sim.control.waitFor('presale')
    sim.control.setBalance('sim:ann', { solana: '0.01' })
    const codes = []
    for (const [name, order] of [
      ['buyOrder', { amount: 0.1 }],
      ['buyOrder', { amount: 9 }],
      ['buyOrder', {}],
      ['sellOrder', { percentage: 50 }],
      ['requestSidebet', { amount: 0.0001 }],
      ['noSuchRequest', {}],
    ] as const)
      codes.push((await client.socket.emitWithAck(name, order)).error)
    expect(codes).toEqual([
      'FUNDS',
      'AMOUNT_TOO_LARGE',
      'AMOUNT_INVALID',
      'PRESALE_IRREVOCABLE',
      'AMOUNT_INVALID',
      'UNKNOWN_REQUEST',
    ])
    expect(sim.control.player('sim:ann').cash).toBe('0.01')
  })

  it('spectators may listen only, wrong tokens do not connect, and authenticate logs in later', async () => {
    await using sim = await startSimulator({ seed: 'auth', paused: true })
    await using stranger = openClient(sim.url, { token: 'wrong' })
    const error = await new Promise<Error & { data?: { code: string } }>((resolve) =>
      stranger.socket.once('connect_error', resolve),
    )
    expect([error.message, error.data?.code]).toEqual(['unauthorized', 'BAD_TOKEN'])
    await using client = openClient(sim.url)
    await client.connected()
    expect(await client.socket.emitWithAck('buyOrder', { amount: 0.1 })).toMatchObject({
      success: false,
      error: 'UNAUTHENTICATED',
    })
    const traceparent = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`
    expect(await client.socket.emitWithAck('authenticate', { __trace: true, traceparent }, { token: 'sim:bob' })).toEqual({
      success: true,
    })
    const status = await client.until((one) => one.name === 'usernameStatus')
    expect((status.args[0] as { traceparent: string }).traceparent).toContain('c'.repeat(32))
    client.socket.emit('getLeaderboard', { period: '7d' })
    await client.until((one) => one.name === 'leaderboardData')
  })

  it('two connections of one player hear the same', async () => {
    await using sim = await startSimulator({ seed: 'two', paused: true })
    await using first = openClient(sim.url, { token: 'sim:ann' })
    await using second = openClient(sim.url, { token: 'sim:ann' })
    await Promise.all([first, second].map((client) => client.until((one) => one.name === 'mutedPlayers')))
    await sim.control.waitFor('presale')
    await first.socket.emitWithAck('buyOrder', { amount: 0.25 })
    expect((await second.until((one) => one.name === 'playerUpdate' && one.payload.cash === 0.75)).payload.cash).toBe(0.75)
  })
})

describe('options', () => {
  it.each([
    [{ speed: 0 }, 'SIM_OPTION'],
    [{ speed: 1001 }, 'SIM_OPTION'],
    [{ era: 'may1999' as 'dec2025' }, 'SIM_OPTION'],
    [{ bots: -1 }, 'SIM_OPTION'],
    [{ rugProbability: 2 }, 'SIM_OPTION'],
    [{ players: [{ token: 'a' }, { token: 'a' }] }, 'SIM_OPTION'],
  ])('%j is refused with %s', async (options, code) => {
    await expect(startSimulator(options)).rejects.toThrow(expect.objectContaining({ code }))
  })

  it('a port in use is a typed error, and a closed simulator says so', async () => {
    const sim = await startSimulator({ paused: true })
    await expect(startSimulator({ port: sim.port })).rejects.toThrow(expect.objectContaining({ code: 'SIM_LISTEN' }))
    await sim.close()
    await sim.close()
    await expect(sim.control.step()).rejects.toThrow(SimulatorError)
  })

  it('waiting for what never comes ends with SIM_WAIT', async () => {
    await using sim = await startSimulator({ paused: true, bots: 0 })
    await expect(sim.control.waitFor(() => false, { limitMs: 60_000 })).rejects.toThrow(
      expect.objectContaining({ code: 'SIM_WAIT' }),
    )
  })

  it.each(['aug2025', 'dec2025', 'feb2026'] as const)('era %s: full frames have the keys of their time', async (era) => {
    await using sim = await startSimulator({ seed: 'eras', era, paused: true })
    await using client = openClient(sim.url)
    const full = (await client.until(isState)).payload
    const keys = Object.keys(full)
    const past = (full.gameHistory as object[])[0] ?? {}
    expect({ prices: 'prices' in past, named: keys.includes('highestTodayGameId'), rugpool: keys.includes('rugpool') }).toEqual({
      prices: era !== 'feb2026',
      named: era === 'feb2026',
      rugpool: era === 'aug2025',
    })
    const golden = await client.until((one) => one.name === 'goldenHourUpdate')
    expect(golden.args).toHaveLength(era === 'aug2025' ? 1 : 2)
  })

  it('connection state recovery adds an offset to every event', async () => {
    await using sim = await startSimulator({ seed: 'offset', paused: true, recovery: true })
    await using client = openClient(sim.url)
    const state = await client.until(isState)
    expect(typeof state.args.at(-1)).toBe('string')
  })
})
