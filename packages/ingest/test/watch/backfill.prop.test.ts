import type { EventEnvelope } from '@vectra/schemas'
import { createWorld, type SimulatedGame } from '@vectra/simulator'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SourceItem } from '../../src/index.ts'
import { Stamp } from '../../src/stamp.ts'
import { Translator } from '../../src/translate.ts'
import type { SeedPath } from '../../src/watch/backfill.ts'

const source = { name: 'public_ws', origin: null, async *items() {} } as const

interface Recording {
  readonly events: EventEnvelope[]
  readonly games: readonly SimulatedGame[]
  /** Games of which a running frame arrived. */
  readonly touched: ReadonlySet<string>
}

/** Records games of a simulated world through a link that loses what `lost` says, frame by frame; a lost connection greets again. */
function record(options: {
  readonly era: 'dec2025' | 'feb2026'
  readonly seed: string
  readonly rugTicks: readonly number[]
  readonly lost: (frame: number) => 'no' | 'frame' | 'connection'
  readonly seedPath?: boolean
}): Recording {
  const events: EventEnvelope[] = []
  const seedPath: SeedPath = ({ gameId }) =>
    world
      .games()
      .find((game) => game.gameId === gameId)
      ?.prices.map(String) ?? null
  const translator = new Translator(source, new Stamp({ sessionId: 's', source: 'public_ws', origin: null }), {
    seedPath: options.seedPath ? seedPath : null,
  })
  const take = (item: SourceItem): void => void events.push(...translator.translate(item).map(({ envelope }) => envelope))
  let connection = 1
  let down = false
  let frames = 0
  const touched = new Set<string>()
  const at = (): number => Math.round(world.now() * 1000)
  const receive = (name: string, args: readonly unknown[]): void => {
    const state = args[0] as { gameId?: string; active?: boolean }
    if (name === 'gameStateUpdate' && state.active === true) touched.add(String(state.gameId))
    const text = `42${JSON.stringify([name, ...args])}`
    take({ kind: 'frame', frame: { text, direction: 'received', at: at(), connection: `ws-${connection}` } })
  }
  const world = createWorld({ seed: options.seed, era: options.era, bots: 0, rugTicks: options.rugTicks }, (outgoing) => {
    if (outgoing.to !== 'all' || outgoing.event.name !== 'gameStateUpdate') return
    frames += 1
    const lost = options.lost(frames)
    if (lost === 'connection') {
      if (!down) take({ kind: 'status', status: { kind: 'disconnect', connection: `ws-${connection}`, reason: 'x' }, at: at() })
      down = true
    } else if (down) {
      down = false
      connection += 1
      take({ kind: 'status', status: { kind: 'reconnect', connection: `ws-${connection}`, recovered: false }, at: at() })
      receive('gameStateUpdate', [world.connectFrame()])
    }
    if (lost === 'no') receive(outgoing.event.name, outgoing.event.args)
  })
  while (world.games().length < options.rugTicks.length) world.step()
  const last = world.state().gameId
  while (world.state().cooldownTimer > 9_000 || world.state().gameId !== last) world.step()
  // The history of the last game, however it was lost.
  receive('gameStateUpdate', [world.connectFrame()])
  return { events, games: world.games().slice(0, options.rugTicks.length), touched }
}

interface Row {
  readonly tick: number
  readonly price: number
  readonly rugged: boolean
}

function captured(events: readonly EventEnvelope[], gameId: string): Row[] {
  return events.flatMap(({ event_name, payload }) => {
    const state = payload as { gameId?: string; active?: boolean; rugged?: boolean; tickCount?: number; price?: number }
    if (event_name !== 'gameStateUpdate' || state.gameId !== gameId || state.active !== true) return []
    // The second rug frame counts too far.
    if (state.rugged === true && 'gameHistory' in state) return []
    return [{ tick: state.tickCount ?? -1, price: state.price ?? Number.NaN, rugged: state.rugged === true }]
  })
}

function derived(events: readonly EventEnvelope[], gameId: string): (Row & { readonly origin: string | null })[] {
  return events
    .filter(({ doc_type, _game_id }) => doc_type === 'game_tick' && _game_id === gameId)
    .map(({ payload, origin }) => ({ ...(payload as Row), origin }))
}

/** Holds the recording of each game that was seen to the truth; tells which origins it met. */
function check({ events, games, touched }: Recording): Set<string> {
  const origins = new Set<string>()
  for (const { gameId, prices } of games) {
    if (!touched.has(gameId)) continue
    const given = derived(events, gameId)
    const seen = captured(events, gameId)
    for (const { origin } of given) origins.add(String(origin))
    const path = new Map<number, Row>()
    for (const row of [...given, ...seen]) path.set(row.tick, row)
    expect(
      [...path.keys()].sort((a, b) => a - b),
      gameId,
    ).toEqual([...prices.keys()])
    for (const [tick, { price, rugged }] of path) {
      expect(price).toBe(prices[tick])
      expect(rugged).toBe(tick === prices.length - 1)
    }
    // A tick is given back once, and not when it was seen before.
    expect(new Set(given.map(({ tick }) => tick)).size).toBe(given.length)
    const rows = events.filter(({ event_name, _game_id }) => event_name === 'backfill' && _game_id === gameId)
    expect(rows.reduce((sum, { payload }) => sum + (payload as { count: number }).count, 0)).toBe(given.length)
  }
  return origins
}

/** What happens to the next frames: 1 to 40 of them are lost, or the connection, or nothing is for a while. */
const stretches = fc.array(
  fc.tuple(
    fc.constantFrom('no' as const, 'no' as const, 'frame' as const, 'connection' as const),
    fc.integer({ min: 1, max: 40 }),
  ),
  { minLength: 5, maxLength: 60 },
)
const rugTicks = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 2, maxLength: 3 })

function following(
  plan: readonly (readonly ['no' | 'frame' | 'connection', number])[],
): (frame: number) => 'no' | 'frame' | 'connection' {
  const each = plan.flatMap(([what, count]) => Array.from({ length: count }, () => what))
  return (frame) => each[frame % each.length] ?? 'no'
}

describe('ticks that were missed', () => {
  it.each([
    ['dec2025', false, ['derived:partialPrices', 'derived:prices', 'derived:gameHistory']],
    ['feb2026', true, ['derived:partialPrices', 'derived:prices', 'derived:seed']],
  ] as const)(
    '%s: of every game that was seen, each has its price, exact and once',
    (era, seedPath, wanted) => {
      const met = new Set<string>()
      fc.assert(
        fc.property(fc.nat(1_000), rugTicks, stretches, (seed, rugs, plan) => {
          for (const origin of check(record({ era, seed: `s${seed}`, rugTicks: rugs, lost: following(plan), seedPath })))
            met.add(origin)
        }),
        { numRuns: 40 },
      )
      expect([...met].sort()).toEqual([...wanted].sort())
    },
    60_000,
  )

  it('adds nothing to a recording without loss', () => {
    const { events } = record({ era: 'dec2025', seed: 'whole', rugTicks: [30, 3], lost: () => 'no' })
    const names = new Set(events.map(({ event_name }) => event_name))
    expect(names).toEqual(new Set(['gameStateUpdate', 'game_start', 'game_end']))
  })

  it('stay missing when the history has no prices and nobody knows the rules', () => {
    const lost = (frame: number): 'no' | 'frame' => (frame % 50 < 20 ? 'frame' : 'no')
    const { events } = record({ era: 'feb2026', seed: 'x', rugTicks: [60], lost, seedPath: false })
    expect(events.some(({ origin }) => origin === 'derived:seed')).toBe(false)
  })
})

describe('a jump in ticks', () => {
  const jumps = (lost: number) => {
    const dropped = (frame: number): 'no' | 'frame' => (frame >= 170 && frame < 170 + lost ? 'frame' : 'no')
    const { events } = record({ era: 'dec2025', seed: 'jump', rugTicks: [90], lost: dropped })
    return events
      .filter(({ event_name }) => event_name === 'gap')
      .map(({ payload, _game_id }) => ({ ...(payload as object), _game_id }))
  }

  it('names its game and ticks, and what gave their prices back', () => {
    expect(jumps(4)).toMatchObject([{ cause: 'feed', est_missing: 4, recovered_by: 'partialPrices' }])
    const [gap] = jumps(3) as { from_tick: number; to_tick: number; gameId: string; _game_id: string }[]
    expect(gap && gap.to_tick - gap.from_tick).toBe(2)
    expect(gap?.gameId).toMatch(/^\d{8}-/)
    expect(gap?._game_id).toBe(gap?.gameId)
  })

  it('longer than the window of prices is not recovered by it', () => {
    expect(jumps(5)).toMatchObject([{ est_missing: 5, recovered_by: null }])
  })
})
