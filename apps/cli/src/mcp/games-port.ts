import type { Game, QueryEngine } from '@vectra/event-store'
import { verifyGame } from '@vectra/game'
import { type GameRecord, type GamesPort, McpError } from '@vectra/mcp'
import { resolveGame } from '../data.ts'
import { CliError } from '../errors.ts'
import { storedGame } from '../fair/stored-games.ts'

/** The recorded games as the MCP server shows them. */
export function gamesPort(engine: () => Promise<QueryEngine>): GamesPort {
  return {
    async *list(query, { signal }) {
      for await (const game of (await engine()).games({ ...query, signal })) yield recordOf(game)
    },
    async get(id, { signal }) {
      const open = await engine()
      for await (const game of open.games({ gameId: id, signal })) return recordOf(game)
      try {
        const whole = await resolveGame(open, id, signal)
        for await (const game of open.games({ gameId: whole, signal })) return recordOf(game)
      } catch (error) {
        if (!(error instanceof CliError)) throw error
        // Several games fit: the hint names some. None: the tool says so.
        if (/begin or end with/.test(error.message))
          throw new McpError('MCP_ARGUMENT', error.message, { cause: error, context: { hint: error.hint } })
      }
      return undefined
    },
    async *trades(gameId, { signal }) {
      for await (const { ts, tick, action, username, playerId, amount, qty, price } of (await engine()).trades({
        gameId,
        signal,
      })) {
        yield {
          ...{ ts, tick, action, player: username ?? playerId },
          amount: amount?.toFixed() ?? null,
          qty: qty?.toFixed() ?? null,
          price: price?.toFixed() ?? null,
        }
      }
    },
    async *ticks(gameId, { signal }) {
      for await (const { tick, price } of (await engine()).ticks({ gameId, signal })) yield { tick, price: price.toFixed() }
    },
    async fairness(gameId, { signal }) {
      const game = await storedGame(await engine(), gameId, signal)
      if (game === undefined) return { verdict: 'unverifiable', compared: 0, equal: 0, server_seed: null, faults: [] }
      const { verdict, ticks, faults } = verifyGame(game)
      return {
        ...{ verdict, compared: ticks.compared, equal: ticks.equal, server_seed: game.serverSeed ?? null },
        faults: faults.map(({ field, message }) => `${field}: ${message}`),
      }
    },
  }
}

function recordOf(game: Game): GameRecord {
  return {
    game_id: game.gameId,
    first_ts: game.firstTs,
    last_ts: game.lastTs,
    ticks: game.ticks,
    last_tick: game.lastTick,
    peak: game.peak?.toFixed() ?? null,
    rugged: game.rugged,
    rug_tick: game.rugTick,
    rug_price: game.rugPrice?.toFixed() ?? null,
    trades: game.trades,
    trades_seen: game.tradesSeen,
    sessions: game.sessions,
    complete: game.complete,
    reasons: game.reasons,
    missing: game.completeness.reasons.map(({ text }) => text),
  }
}
