import { describe, expect, it } from 'vitest'
import { parseChaos, SimulatorError, startSimulator } from '../src/index.ts'
import { isState, openClient } from './client.ts'

describe('parseChaos', () => {
  it('reads chances and times', () => {
    expect(parseChaos('drop=1%, dup=0.02,kick=5s,latency=200ms,restart=1m,skew=-3s,polling')).toEqual({
      drop: 0.01,
      duplicate: 0.02,
      kickMs: 5000,
      latencyMs: 200,
      restartMs: 60_000,
      skewMs: -3000,
      polling: true,
    })
    expect(parseChaos('')).toEqual({})
  })

  it.each(['dropp=1%', 'drop=200%', 'drop', 'kick=5', 'kick=5%', 'latency=fast', 'polling=yes', 'constructor=1%'])(
    'refuses %s and says what is allowed',
    (text) => {
      expect(() => parseChaos(text)).toThrow(SimulatorError)
      expect(() => parseChaos(text)).toThrow(expect.objectContaining({ code: 'SIM_OPTION' }))
    },
  )
})

describe('faults on the way', () => {
  it('drop, duplicate and reorder: what a client hears is what was sent, less and more by exactly the noted faults', async () => {
    await using sim = await startSimulator({
      seed: 'disturbed',
      paused: true,
      quirks: false,
      chaos: { drop: 0.05, duplicate: 0.05, reorder: 0.05 },
    })
    await using client = openClient(sim.url)
    await client.connected()
    await sim.control.waitFor((state) => state.phase === 'active' && state.tick >= 30)
    const noted = sim.control.faults()
    const of = (kind: string): number => noted.filter((fault) => fault.kind === kind).length
    expect([of('drop') > 3, of('duplicate') > 3, of('reorder') > 3]).toEqual([true, true, true])
    const sent = sim.stats().frames + 7
    // A held frame follows the next one: run on until none is held.
    const expected = sent - of('drop') + of('duplicate')
    await client.until(() => client.heard.length >= expected - 1)
    expect(Math.abs(client.heard.length - expected)).toBeLessThanOrEqual(1)
    expect(noted.every((fault) => fault.connection === client.socket.id && fault.event !== null)).toBe(true)
  })

  it('the same seed disturbs the same frames', async () => {
    const run = async (): Promise<unknown> => {
      await using sim = await startSimulator({ seed: 'again', paused: true, chaos: { drop: 0.1 } })
      await using client = openClient(sim.url)
      await client.connected()
      await sim.control.waitFor('active')
      return sim.control.faults().map(({ kind, event, gameId, tick }) => ({ kind, event, gameId, tick }))
    }
    const [first, second] = [await run(), await run()]
    expect(first).toEqual(second)
    expect((first as unknown[]).length).toBeGreaterThan(5)
  })

  it('a kick closes connections as a network does, and clients come back by themselves', async () => {
    await using sim = await startSimulator({ seed: 'kick', paused: true })
    await using client = openClient(sim.url)
    await client.connected()
    const lost = new Promise<string>((resolve) => client.socket.once('disconnect', resolve))
    await sim.control.inject('kick')
    expect(await lost).toBe('transport close')
    await new Promise<void>((resolve) => client.socket.once('connect', () => resolve()))
    expect(sim.control.faults().map((fault) => fault.kind)).toEqual(['kick'])
  })

  it('malformed text breaks the parser of a plain client, which reconnects', async () => {
    await using sim = await startSimulator({ seed: 'malformed', paused: true })
    await using client = openClient(sim.url)
    await client.connected()
    const lost = new Promise<string>((resolve) => client.socket.once('disconnect', resolve))
    await sim.control.inject('malformed')
    expect(await lost).toBe('parse error')
  })

  it('a half-open connection hears nothing more, not even the kick of others', async () => {
    await using sim = await startSimulator({ seed: 'silent', paused: true })
    await using client = openClient(sim.url)
    await client.until((one) => one.name === 'maintenanceUpdate')
    await sim.control.inject('half_open')
    const heard = client.heard.length
    await sim.control.waitFor('active')
    await using witness = openClient(sim.url)
    await witness.until(isState)
    expect(client.heard.length).toBe(heard)
    expect(client.socket.connected).toBe(true)
  })

  it('a restart in mid-game drops everybody and takes them back on the same port', async () => {
    await using sim = await startSimulator({ seed: 'restart', paused: true, chaos: { restartDownMs: 60 } })
    await using client = openClient(sim.url)
    await client.connected()
    await sim.control.waitFor((state) => state.phase === 'active' && state.tick === 2)
    const lost = new Promise<string>((resolve) => client.socket.once('disconnect', resolve))
    const back = new Promise<void>((resolve) =>
      client.socket.once('disconnect', () => client.socket.once('connect', () => resolve())),
    )
    await sim.control.inject('restart')
    expect(await lost).toBe('transport close')
    await back
    expect(sim.control.state()).toMatchObject({ phase: 'active', tick: 2 })
  })

  it('a megabyte frame arrives whole', async () => {
    await using sim = await startSimulator({ seed: 'big', paused: true })
    await using client = openClient(sim.url)
    await client.connected()
    await sim.control.inject('big')
    const big = await client.until((one) => one.name === 'simulatorBlob')
    expect((big.payload.blob as string).length).toBe(1_000_000)
  })

  it('polling only: websocket clients cannot connect, polling ones hear the same', async () => {
    await using sim = await startSimulator({ seed: 'polling', paused: true, chaos: { polling: true } })
    await using refused = openClient(sim.url, { reconnection: false })
    await new Promise<void>((resolve) => refused.socket.once('connect_error', () => resolve()))
    await using client = openClient(sim.url, { transports: ['polling'] })
    await client.until((one) => one.name === 'maintenanceUpdate')
    expect(client.heard[0]?.name).toBe('gameStateUpdate')
  })

  it('clock skew moves the timestamps in payloads and nothing else', async () => {
    const stamps = async (skewMs: number): Promise<number> => {
      await using sim = await startSimulator({ seed: 'skew', paused: true, quirks: false, chaos: { skewMs } })
      await using client = openClient(sim.url)
      await client.connected()
      await sim.control.waitFor('active')
      return Number((await client.until((one) => one.name === 'newChatMessage')).payload.timestamp)
    }
    expect((await stamps(-3000)) - (await stamps(0))).toBe(-3000)
  })

  it('latency and jitter delay frames and keep their order', async () => {
    await using sim = await startSimulator({ seed: 'late', speed: 50, bots: 2, chaos: { latencyMs: 20, jitterMs: 30 } })
    await using client = openClient(sim.url)
    await client.until((one) => isState(one) && one.payload.tickCount === 5)
    const timers = client.heard
      .filter((one) => isState(one) && Object.keys(one.payload).length === 7)
      .map((one) => Number(one.payload.cooldownTimer))
    expect(timers).toEqual(timers.toSorted((a, b) => b - a))
  })
})
