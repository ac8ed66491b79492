import { describe, expect, it } from 'vitest'
import { createWorld, type Era } from '../src/index.ts'
import { capturesPresent, december, february, type Seen } from './captures.ts'
import { differences, profile, variantOf } from './shape.ts'

/** Everything a world says in `rounds` games, and what it would greet newcomers with. */
function simulate(era: Era, rounds: number, seed: string): Seen[] {
  const events: Seen[] = []
  const keep = (name: string, args: readonly unknown[]): void =>
    void events.push({ name, payload: JSON.parse(JSON.stringify(args.at(-1))) })
  const world = createWorld({ seed, era }, (outgoing) => keep(outgoing.event.name, outgoing.event.args))
  for (let step = 0; world.games().length < rounds; step += 1) {
    world.step()
    if (step % 400 === 0) {
      keep('gameStateUpdate', [world.connectFrame()])
      for (const event of world.greeting()) keep(event.name, event.args)
    }
  }
  return events
}

/** Whether a royale is scheduled or a god candle was seen depends on the hour of the capture. */
const STATE = /^rugRoyale|^godCandle/
/** The past of this world has a game that jumped tenfold and peaked above 50. */
const SEED_WITH_GOD_CANDLE = 'god 2'

describe.skipIf(!capturesPresent)('simulated and real frames cannot be told apart by their shape', () => {
  it('December 2025: per event and phase the same keys and types, null rates within 8 points', { timeout: 120_000 }, () => {
    const real = profile(december())
    const simulated = profile([...simulate('dec2025', 12, 'shape'), ...simulate('dec2025', 6, SEED_WITH_GOD_CANDLE)])
    expect(differences(real, simulated, { nullRate: 0.08, atLeast: 100, state: STATE })).toEqual([])
  })

  it('February 2026: the eleven picked frames have our keys and types', { timeout: 120_000 }, () => {
    const real = profile(february())
    const simulated = profile(simulate('feb2026', 14, 'shape'))
    const found = differences(real, simulated, { nullRate: 1, atLeast: 1_000_000, state: STATE })
    expect(found).toEqual([])
    expect([...real.keys()].every((variant) => simulated.has(variant))).toBe(true)
  })

  it('the comparison finds a changed key, type and null rate', () => {
    const frames = december().filter((one) => variantOf(one) === 'gameStateUpdate/tick/active')
    const changed = frames.map((one) => ({
      ...one,
      payload: { ...one.payload, tradeCount: String(one.payload.tradeCount), price: null, extra: 1, rugpool: undefined },
    }))
    const found = differences(profile(frames), profile(changed.map((one) => JSON.parse(JSON.stringify(one)))), {
      nullRate: 0.08,
      atLeast: 100,
      state: STATE,
    })
    expect(found.map((text) => text.split(' ')[1]).toSorted()).toEqual(['extra:', 'price:', 'rugpool:', 'tradeCount:'])
  })
})
