import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { QueryEngine } from '@vectra/event-store'
import { verifyGame } from '@vectra/game'
import { directOrders, systemClock, systemRandom } from '@vectra/ingest'
import type { SourceConfig } from '@vectra/recorder'
import { type Simulator, startSimulator } from '@vectra/simulator'
import type { Settings } from '../config/settings.ts'
import type { CommandContext } from '../context.ts'
import { openData } from '../data.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { type FairResult, printFair } from '../fair/report.ts'
import { allStoredGames } from '../fair/stored-games.ts'
import { type LiveFeed, liveFeed } from '../live-feed.ts'
import { openPage, type PageOptions } from '../page.ts'
import { renderTable } from '../terminal/table.ts'
import { formatCount, plural } from '../terminal/units.ts'
import { collectGame, gameSummary, tickTable } from './game.ts'
import type { LimitOptions } from './play.ts'
import { recordSummary, recordWithStatus } from './record.ts'
import { type SimOptions, simulatorErrors, simulatorOptions } from './sim.ts'

/** Options of `vectra demo`. */
export interface DemoOptions extends Omit<SimOptions, 'port'>, PageOptions, LimitOptions {
  /** Of the simulator. */
  readonly simPort: number
  /** False: no page. */
  readonly page?: boolean
  readonly duration?: number
  readonly untilGames?: number
}

/**
 * `vectra demo`: simulator and recorder in one process; no network, no wallet. Runs until stopped, then shows what was stored
 * and proves the games it recorded.
 *
 * Without a choice of the user's, simulated games never go into the directory of real ones.
 */
export async function demo(context: CommandContext, _operands: readonly string[], options: DemoOptions): Promise<ExitCode> {
  const { io } = context
  const settings = apart(await context.settings())
  const { values } = settings
  const log = await context.log(settings)
  await using simulator = await simulatorErrors(async () =>
    startSimulator({
      ...(await simulatorOptions({ ...options, port: options.simPort })),
      // With a page there are two clients, and neither may miss the beginning.
      ...(options.page === false ? { waitForClient: true } : { paused: true }),
    }),
  )
  io.say(
    `a simulated game of ${options.era} on ${simulator.url} (×${options.speed}, ${plural(options.bots, 'bot')}, seed ${simulator.seed})`,
  )
  io.say(
    `recording it into ${values.dataDir}${options.duration === undefined && options.untilGames === undefined ? '; Ctrl-C stops' : ''}`,
  )
  const feed: SourceConfig = { kind: 'public_ws', url: simulator.url }
  await using table = options.page === false ? undefined : seat(simulator, feed, options)
  await using _page =
    table && (await openPage(context, options, { mode: 'demo', dataDir: values.dataDir, feed: table.live.feed }))
  const report = await recordWithStatus(
    context,
    {
      dataDir: values.dataDir,
      sources: table?.live.sources ?? [feed],
      connectTimeoutMs: 10_000,
      flush: { maxEvents: values['record.flushEvents'], intervalMs: values['record.flushInterval'] },
      encoder: values['record.encoder'],
      durationMs: options.duration,
      untilGames: options.untilGames,
    },
    log,
    table?.live,
  )
  const faults = simulator.control.faults().length
  await simulator.close()
  if (context.json) {
    await io.line(
      JSON.stringify({
        ...recordSummary(report, values.dataDir),
        simulator: { seed: simulator.seed, start_at: simulator.startAt, games: simulator.stats().games, faults },
      }),
    )
    return EXIT.ok
  }
  const { stored, framesIn } = report.summary.sources[0] ?? { stored: 0, framesIn: 0 }
  await io.line(
    `stopped cleanly: ${formatCount(framesIn)} frames received, ${formatCount(stored)} stored, ${plural(report.summary.games, 'game')}, ${plural(report.store.partsWritten, 'part file')}`,
  )
  await using engine = await openData(settings)
  await showCounts(io, engine)
  await showGame(io, engine, report.summary.sources[0]?.sessionId)
  await showProof(context, engine, report.summary.sources[0]?.sessionId)
  await io.line(`\n${nextSteps(context, values.dataDir)}`)
  return EXIT.ok
}

/** A player of our own at the simulator: the socket they are logged in on feeds the page and takes their orders. */
function seat(
  simulator: Simulator,
  feed: SourceConfig,
  { maxBet = '1', maxLoss = '10' }: DemoOptions,
): { readonly live: LiveFeed } & AsyncDisposable {
  const orders = directOrders({
    url: simulator.url,
    token: 'sim:you',
    maxBet,
    lossLimit: maxLoss,
    clock: systemClock(),
    random: systemRandom(),
  })
  const live = liveFeed({
    label: 'simulator',
    url: simulator.url,
    sources: [feed, { kind: 'ready', name: 'your seat at the simulator', source: orders.source }],
    shown: 1,
    orders,
  })
  let cancel = (): void => undefined
  const begin = (left: number): void => {
    if (simulator.stats().connections >= 2 || left === 0) return simulator.control.resume()
    const timer = setTimeout(() => begin(left - 1), BEGIN_EVERY_MS)
    cancel = () => clearTimeout(timer)
  }
  return {
    live: {
      ...live,
      started(recorder, store) {
        live.started(recorder, store)
        begin(BEGIN_WITHIN_MS / BEGIN_EVERY_MS)
      },
    },
    async [Symbol.asyncDispose]() {
      cancel()
      await orders.close()
    },
  }
}

/** The game begins when both clients are there, or after this long without one. */
const BEGIN_WITHIN_MS = 3_000
const BEGIN_EVERY_MS = 20

/** In a clone the data stays in the clone, where git ignores it; elsewhere it goes beside the real data. */
function apart(settings: Settings): Settings {
  if (settings.origins.dataDir.kind !== 'default') return settings
  const here = fileURLToPath(new URL('../../../', import.meta.url))
  const root = [resolve(here), resolve(here, '..')].find((folder) => existsSync(join(folder, 'pnpm-workspace.yaml')))
  return {
    ...settings,
    values: { ...settings.values, dataDir: root === undefined ? `${settings.values.dataDir}_demo` : join(root, 'rugs_data') },
  }
}

async function showCounts(io: CommandContext['io'], engine: QueryEngine): Promise<void> {
  const { rows } = await engine.sql('SELECT doc_type, count(*) FROM events GROUP BY 1 ORDER BY 2 DESC')
  const cells = rows.map(([docType, count]) => [String(docType), formatCount(BigInt(String(count)))])
  await io.line(
    `\n${renderTable([{ name: 'doc_type' }, { name: 'rows', align: 'right' }], cells, (header) => io.styled('dim', header))}`,
  )
}

/** The session's first finished game: its summary, and its first and last ticks. */
async function showGame(io: CommandContext['io'], engine: QueryEngine, session: string | undefined): Promise<void> {
  const { rows } = await engine.sql('SELECT game_id FROM game_tick WHERE session_id = $1 AND rugged ORDER BY seq LIMIT 1', {
    params: [session ?? ''],
  })
  const gameId = rows[0]?.[0]
  if (typeof gameId !== 'string') return
  const report = await collectGame(engine, gameId, new AbortController().signal)
  const { ticks } = report
  await io.line(`\n${gameSummary(report)}`)
  const shown = ticks.length > 12 ? [...ticks.slice(0, 6), ...ticks.slice(-6)] : ticks
  await io.line(`\n${tickTable(shown, io.styled)}`)
  if (shown.length < ticks.length) await io.line(`first and last six of ${ticks.length} ticks`)
}

/** Proves the games that this session saw, from what is stored of them. */
async function showProof(context: CommandContext, engine: QueryEngine, session: string | undefined): Promise<void> {
  if (session === undefined) return
  const { rows } = await engine.sql('SELECT DISTINCT game_id FROM game_tick WHERE session_id = $1 AND active ORDER BY 1', {
    params: [session],
  })
  const seen = new Set(rows.map(([gameId]) => String(gameId)))
  const games = (await allStoredGames(engine, new AbortController().signal, { sessionId: session })).filter(
    (game) => seen.has(game.gameId) && game.rugTick !== undefined,
  )
  if (games.length === 0) return
  await context.io.line('')
  await printFair(
    context,
    games.map((game): FairResult => ({ game, report: verifyGame(game) })),
  )
}

function nextSteps({ env, io }: CommandContext, dataDir: string): string {
  const command = env.VECTRA_COMMAND ?? 'vectra'
  const where = ` --data-dir ${dataDir}`
  const steps = [
    `games${where}`,
    `fair --all${where}`,
    `query "SELECT event_name, count(*) FROM ws_event GROUP BY 1 ORDER BY 2 DESC"${where}`,
    'demo',
    'sim --speed 10',
    'demo --chaos drop=1%,kick=20s',
    '--help',
  ]
  return [io.styled('bold', 'Try next:'), ...steps.map((step) => `  ${command} ${step}`)].join('\n')
}
