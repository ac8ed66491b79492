import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { QueryEngine } from '@vectra/event-store'
import { type CollectedGame, GAME_VERSIONS, isGameVersion, isHex64, verifyGame } from '@vectra/game'
import { findCaptureFiles } from '../capture-files.ts'
import type { CommandContext } from '../context.ts'
import { openData, resolveGame } from '../data.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { gamesOfFiles } from '../fair/file-games.ts'
import { type FairResult, fairJson, printFair } from '../fair/report.ts'
import { allStoredGames, findInHistories, storedGame } from '../fair/stored-games.ts'

/** Options of `vectra fair`. */
export interface FairOptions {
  readonly all?: boolean
  readonly seed?: string
  readonly gameId?: string
  readonly gameVersion?: string
  readonly hash?: string
  readonly peak?: string
  readonly ticks?: boolean
}

/**
 * `vectra fair`: recomputes games from their revealed seeds and compares every recorded number; exit 65 on a mismatch.
 *
 * A game named by id whose seed is not revealed yet exits 75: the next round's first frame brings it.
 */
export async function fair(context: CommandContext, operands: readonly string[], options: FairOptions): Promise<ExitCode> {
  const ways = [operands.length > 0, options.all === true, options.seed !== undefined].filter(Boolean).length
  if (ways !== 1) throw usage('name games or capture files, or give --all, or --seed with --game-id', 'vectra fair --all')
  const named = options.all !== true && operands.length > 0
  const games = options.seed !== undefined ? [pastedGame(options)] : await findGames(context, operands, options)
  const results = games.map((game): FairResult => ({ game, report: verifyGame(game) }))
  if (context.json)
    for (const result of results)
      await context.io.line(
        JSON.stringify({
          ...fairJson(result),
          ...(options.ticks === true ? { derived_prices: result.report.path?.prices ?? null } : {}),
        }),
      )
  else if (results.length === 0) context.io.say('no games: nothing recorded yet')
  else {
    await printFair(context, results)
    if (options.ticks === true)
      for (const { report } of results)
        for (const [tick, price] of report.path?.prices.entries() ?? []) await context.io.line(`${tick}\t${price}`)
  }
  if (results.some(({ report }) => report.verdict === 'mismatch')) return EXIT.badData
  const pending =
    named &&
    results.every(({ game }) => game.provenance !== 'history') &&
    results.length === operands.length &&
    results.some(({ game }) => game.serverSeed == null)
  if (pending && !operands.some((one) => existsSync(resolve(context.cwd, one)))) {
    context.io.say('the seed of a game is revealed when the next one begins; it is back-filled from any later full frame')
    return EXIT.tryAgain
  }
  return EXIT.ok
}

async function findGames(context: CommandContext, operands: readonly string[], { all }: FairOptions): Promise<CollectedGame[]> {
  const paths = operands.filter((one) => existsSync(resolve(context.cwd, one)))
  const ids = operands.filter((one) => !paths.includes(one))
  const games: CollectedGame[] = []
  if (paths.length > 0) {
    const { files, unreadable } = await findCaptureFiles(paths, context.cwd)
    const [first] = unreadable
    if (first !== undefined) throw first
    games.push(...(await gamesOfFiles(files, context.signal)))
  }
  if (all === true || ids.length > 0) {
    await using engine = await openData(await context.settings())
    if (all === true) games.push(...(await allStoredGames(engine, context.signal)))
    for (const id of ids) games.push(await namedGame(engine, id, context.signal))
  }
  return games.toSorted((a, b) => (a.gameId < b.gameId ? -1 : 1))
}

/** By whole id, or part of one; a game that was never seen live is looked for in the histories. */
async function namedGame(engine: QueryEngine, id: string, signal: AbortSignal): Promise<CollectedGame> {
  const whole = /^\d{8}-[0-9a-f]{16}$/.test(id) ? await storedGame(engine, id, signal) : undefined
  if (whole !== undefined) return whole
  try {
    const found = await storedGame(engine, await resolveGame(engine, id, signal), signal)
    if (found !== undefined) return found
  } catch (error) {
    const [only, second] = await findInHistories(engine, id, signal)
    const game = only === undefined || second !== undefined ? undefined : await storedGame(engine, only, signal)
    if (game !== undefined) return game
    throw error
  }
  throw new CliError('CLI_GAME_NOT_FOUND', `no game ${id} is stored`, {
    exitCode: EXIT.failure,
    hint: '`vectra fair --all` lists them',
  })
}

/** A seed somebody pasted: without anything to compare with, the path is printed and proves nothing. */
function pastedGame({ seed, gameId, gameVersion = 'v3', hash, peak }: FairOptions): CollectedGame {
  if (!isHex64(seed)) throw usage('--seed is 64 lowercase hex digits', 'copy it from the site, without blanks')
  if (gameId === undefined) throw usage('--seed needs the --game-id that it was revealed for', 'the prices depend on both')
  if (hash !== undefined && !isHex64(hash)) throw usage('--hash is 64 lowercase hex digits', 'it is published before the game')
  if (!isGameVersion(gameVersion)) throw usage(`--game-version is one of ${GAME_VERSIONS.join(', ')}`, 'v3 since 2025')
  return {
    gameId,
    serverSeed: seed,
    serverSeedHash: hash ?? null,
    version: gameVersion,
    ticks: new Map(),
    provenance: 'history',
    endedAt: null,
    ...(peak === undefined ? {} : { peakMultiplier: peak }),
  }
}

function usage(message: string, hint: string): CliError {
  return new CliError('CLI_USAGE', message, { exitCode: EXIT.usage, hint })
}
