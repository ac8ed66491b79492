import { createGameCollector, serverSeedHash, verifyGame } from '@vectra/game'
import { decodeEvent, EVENTS, type EventName } from '@vectra/schemas'
import { expect, it } from 'vitest'
import { createWorld, type Era } from '../src/index.ts'

it.each([
  ['dec2025', 60],
  ['feb2026', 20],
  ['aug2025', 20],
] satisfies [Era, number][])(
  '%s: %i simulated rounds decode with 0 rejected, and every game proves fair from its frames alone',
  { timeout: 180_000 },
  (era, rounds) => {
    const rejected: string[] = []
    const names = new Set<string>()
    const collector = createGameCollector()
    const world = createWorld({ seed: `decode ${era}`, era }, ({ event }) => {
      const args = JSON.parse(JSON.stringify(event.args)) as unknown[]
      const decoded = decodeEvent(event.name, args)
      names.add(event.name)
      if (!decoded.ok) rejected.push(`${event.name}: ${JSON.stringify(decoded.issues)}`)
      else if (event.name === 'gameStateUpdate') collector.add(args[0])
    })
    while (world.games().length < rounds) world.step()
    const played = world.games()
    // The frame that reveals the last seed can be lost; a later history has it.
    while (world.games().length < rounds + 2) world.step()
    expect(rejected).toEqual([])
    expect([...names].filter((name) => EVENTS[name as EventName] === undefined)).toEqual(['unlistedFeatureUpdate'])

    const games = collector.games().filter((game) => played.some((one) => one.gameId === game.gameId))
    expect(games).toHaveLength(rounds)
    const reports = games.map((game) => verifyGame(game))
    expect(reports.filter((report) => report.verdict !== 'fair')).toEqual([])
    expect(played.every((game) => serverSeedHash(game.serverSeed) === game.serverSeedHash)).toBe(true)
    expect([world.total('solana'), world.total('practice')]).toEqual(['0', '0'])
  },
)
