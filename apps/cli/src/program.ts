import { Command, InvalidArgumentError, Option } from 'commander'
import { port, registerCapture, registerReplay } from './capture-verbs.ts'
import type { CommandContext } from './context.ts'
import type { ExitCode } from './exit-codes.ts'
import { registerMcp } from './mcp-verbs.ts'
import { registerOperations } from './ops-verbs.ts'
import { limitOptions, pageOptions, registerPlayer } from './player-verbs.ts'
import { registerSearch } from './search-verbs.ts'
import { registerStoreUpkeep } from './store-verbs.ts'
import type { Io } from './terminal/io.ts'
import { parseDuration } from './terminal/units.ts'
import { registerTruth } from './truth-verbs.ts'
import { packageVersion } from './version.ts'

/** What a verb does: its operands and options as typed, its exit code (default 0) back. */
export type Verb<Options> = (
  context: CommandContext,
  operands: readonly string[],
  options: Options,
) => Promise<ExitCode | undefined>

/** Turns a verb into commander's action: makes the context, keeps the exit code. */
export type Launch = <Options>(verb: Verb<Options>) => (command: Command) => Promise<void>

const EXAMPLES = `
Examples:
  vectra import captures/*.jsonl            store capture files, each event exactly once
  vectra record --duration 10m              record the public feed
  vectra query "SELECT doc_type, count(*) FROM events GROUP BY 1"
  vectra games                              what was recorded
  vectra replay public.jsonl --as-server :7400   serve a capture as a live feed
  vectra demo                               a simulated game, recorded; no network, no wallet
  vectra fair --all                         prove every recorded game from its seed

Exit codes: 0 ok, 1 failure, 2 usage, 65 bad data, 69 source unavailable, 73 cannot write, 75 try again, 78 bad config.`

/**
 * The command tree. Nothing heavy is imported here: each verb's module loads when it runs, so that `--help` stays fast.
 */
export function buildProgram({
  launch,
  write,
  writeError,
  styled,
}: {
  launch: Launch
  write: (text: string) => void
  writeError: (text: string) => void
  styled: Io['styled']
}): Command {
  const program = new Command('vectra')
    .description('Flight recorder and canonical database of the rugs.fun game feed.')
    .usage('[verb] [options]')
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: writeError, outputError: () => undefined })
    .configureHelp({ showGlobalOptions: true, styleTitle: (title) => styled('bold', title) })
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help for a verb')
    .option('--data-dir <dir>', 'where the data lives (RUGS_DATA_DIR; default ~/rugs_data)')
    .option('--config <file>', 'config file (VECTRA_CONFIG; default ./vectra.config.ts or .json)')
    .option('--json', 'answer as JSON: one object, or one per line')
    .addOption(
      new Option('--log-level <level>', 'what is logged on stderr').choices(['debug', 'info', 'warn', 'error', 'silent']),
    )
    .option('-q, --quiet', 'no progress on stderr')
    .option('--no-color', 'no colour (NO_COLOR)')
    .addHelpText('after', EXAMPLES)

  /** Registers one verb; `load` imports its module on use. */
  const verb = <Options>(command: Command, load: () => Promise<Verb<Options>>): Command =>
    command.action((...parts: unknown[]) => {
      const self = parts.at(-1)
      if (!(self instanceof Command)) throw new TypeError('commander passes the command last')
      return launch(async (context, operands, options: Options) => (await load())(context, operands, options))(self)
    })

  program.commandsGroup('Capture:')
  registerCapture(program, verb)
  verb(
    program
      .command('import')
      .description('store capture files and recorded games; a second import adds nothing')
      .argument('<path...>', 'files, or directories with .jsonl, .ndjson or .json files')
      .option('--strict', 'exit 65 when a line is broken'),
    async () => (await import('./commands/import.ts')).importFiles,
  )
  registerReplay(program, verb)

  verb(
    simulated(program.command('sim').description('serve a simulated game: the real protocol, no network, no wallet'), {
      port: '--port',
      otherwise: 7300,
    }).option('--recovery', 'connection state recovery: events carry an offset'),
    async () => (await import('./commands/sim.ts')).sim,
  )
  verb(
    limitOptions(
      pageOptions(
        simulated(program.command('demo').description('a simulated game to play in the browser, recorded, in one process'), {
          port: '--sim-port',
          otherwise: 0,
        }),
      ),
    )
      .option('--no-page', 'simulate and record only')
      .option('--duration <time>', 'stop after this long, e.g. 30s', duration)
      .option('--until-games <n>', 'stop when this many games have ended', positiveInteger),
    async () => (await import('./commands/demo.ts')).demo,
  )

  registerPlayer(program, verb)

  program.commandsGroup('Read:')
  verb(
    program
      .command('query')
      .description('run read-only SQL over the recorded events')
      .argument('[sql]', 'the statement; - reads it from stdin')
      .option('-f, --file <file>', 'read the statement from a file')
      .addOption(new Option('--format <format>', 'default table').choices(['table', 'json', 'ndjson', 'csv', 'parquet']))
      .option('-o, --output <file>', 'write to this file instead of stdout')
      .option('--overwrite', 'replace the output file if it exists')
      .option('--timeout <time>', 'stop the statement after this long (default 30s)')
      .option('--max-rows <n>', 'rows at most (default 10000)')
      .option('--fresh', 'also events that are only in the journal yet: all that was acknowledged')
      .addOption(
        new Option('--engine <engine>', 'who answers: auto asks query.remote when it is named and answers').choices([
          'auto',
          'local',
          'motherduck',
        ]),
      ),
    async () => (await import('./commands/query.ts')).query,
  )
  verb(
    program
      .command('games')
      .description('list recorded games, newest first')
      .option('--since <time>', 'from this time or age on: 2025-12-12, 2h')
      .option('--until <time>', 'up to this time or age')
      .option('--limit <n>', 'games at most', positiveInteger, 50),
    async () => (await import('./commands/games.ts')).games,
  )
  verb(
    program
      .command('game')
      .description('one game: phases, price path, trades')
      .argument('<id>', 'game id, or enough of its beginning or end to be unique')
      .option('--ticks', 'print every tick')
      .option('--trades <n>', 'trades shown', nonNegativeInteger, 20),
    async () => (await import('./commands/game.ts')).game,
  )
  verb(
    eventFilters(program.command('events').description('list events, oldest first'))
      .option('--since <time>', 'from this time or age on: 2025-12-12T22:17Z, 10m')
      .option('--until <time>', 'up to this time or age')
      .option('--last', 'the last events instead of the first')
      .addOption(
        new Option('--type <doc_type>', 'only this doc_type (default: each event once, without projections)').choices([
          'ws_event',
          'game_tick',
          'player_action',
          'server_state',
          'system_event',
          'debug_note',
        ]),
      )
      .option('--limit <n>', 'events at most', positiveInteger, 50),
    async () => (await import('./commands/events.ts')).events,
  )
  verb(
    eventFilters(program.command('tail').description('follow events as they are stored, until stopped'))
      .option('-n, --lines <n>', 'earlier events to start with', nonNegativeInteger, 10)
      .option('--interval <time>', 'how often to look', duration, 1_000),
    async () => (await import('./commands/tail.ts')).tail,
  )
  verb(
    program
      .command('sessions')
      .description('list recordings and imports, newest first')
      .option('--limit <n>', 'sessions at most', positiveInteger, 50),
    async () => (await import('./commands/sessions.ts')).sessions,
  )

  verb(
    program
      .command('fair')
      .description('recompute games from their revealed seeds and compare; exit 65 on a mismatch')
      .argument('[game|file...]', 'game ids, or capture files')
      .option('--all', 'every game of the store, also those known from histories alone')
      .option('--seed <hex>', 'a revealed seed, instead of a recorded game')
      .option('--game-id <id>', 'the game it belongs to')
      .option('--game-version <version>', 'v1, v2 or v3 (default v3)')
      .option('--hash <hex>', 'the hash that was published for it')
      .option('--peak <number>', 'the peak that was shown')
      .option('--ticks', 'also print the computed prices'),
    async () => (await import('./commands/fair.ts')).fair,
  )

  registerTruth(program, verb)

  program.commandsGroup('Keep:')
  const store = program.command('store').description('look after the data directory')
  verb(
    store.command('stats').description('rows, files and bytes by doc_type'),
    async () => (await import('./commands/store.ts')).stats,
  )
  verb(
    store.command('ls').description('list part files from the catalog').option('--type <doc_type>', 'only this doc_type'),
    async () => (await import('./commands/store.ts')).list,
  )
  verb(
    store
      .command('verify')
      .description('check every byte of journal, catalog and parts; exit 65 on a finding')
      .option('--deep', 'also read each part with a second, independent reader')
      .option('--receipts', 'also compute the content hash of merged parts again'),
    async () => (await import('./commands/verify.ts')).verify,
  )
  verb(
    store
      .command('recover')
      .description('turn the journals of dead recorders into parts; safe to repeat')
      .option('--rebuild-catalog', 'make the catalog anew from parts and receipts; the old one goes to quarantine'),
    async () => (await import('./commands/store.ts')).recover,
  )
  registerStoreUpkeep(store, verb)

  registerSearch(program, verb)
  registerMcp(program, verb)

  program.commandsGroup('Code:')
  verb(
    program
      .command('context')
      .description('CONTEXT.md files: check, stub, fix, show, impact, map, install (vectra context help)')
      .argument('[arguments...]', 'a verb of vectra-context and its arguments')
      .allowUnknownOption()
      .helpOption(false),
    async () => (await import('./commands/context.ts')).context,
  )

  program.commandsGroup('Setup:')
  registerOperations(program, verb)
  const config = program.command('config').description('show and check the settings')
  verb(
    config.command('show').description('every setting').option('--origin', 'and where it came from'),
    async () => (await import('./commands/config.ts')).show,
  )
  verb(config.command('path').description('the config file in use'), async () => (await import('./commands/config.ts')).path)
  verb(
    config.command('check').description('validate file, environment and flags; exit 78 on a fault'),
    async () => (await import('./commands/config.ts')).check,
  )
  verb(
    program.command('version').description('versions of vectra, Node and DuckDB'),
    async () => (await import('./commands/version.ts')).version,
  )
  return program
}

function eventFilters(command: Command): Command {
  return command
    .option('--game <id>', 'only this game')
    .option('--event <name...>', 'only these events, e.g. standard/newTrade')
    .option('--raw', 'print the frames as received, nothing else')
    .addOption(new Option('--source <name>', 'only this source').choices(['cdp', 'public_ws', 'replay', 'ui']))
    .option('--session <id>', 'only this session')
    .addOption(new Option('--direction <direction>', 'only this direction').choices(['received', 'sent', 'internal']))
}

function simulated(command: Command, listen: { port: '--port' | '--sim-port'; otherwise: number }): Command {
  return command
    .option('--seed <text>', 'the same seed gives the same games (default: a new one)')
    .addOption(new Option('--era <era>', 'shape of the frames').choices(['aug2025', 'dec2025', 'feb2026']).default('dec2025'))
    .option('--speed <factor>', 'simulated per real time, 1 to 1000', simulationSpeed, 1)
    .option(`${listen.port} <:port>`, 'where the simulator listens on 127.0.0.1 (:0 for any free port)', port, listen.otherwise)
    .option('--bots <n>', 'players that act by themselves', nonNegativeInteger, 20)
    .option('--rug-ticks <n,...>', 'ticks at which the first games rug', (text: string) => text.split(',').map(positiveInteger))
    .option('--chaos <faults>', 'what goes wrong, e.g. drop=1%,dup=1%,kick=20s,latency=200ms')
}

function simulationSpeed(text: string): number {
  const value = Number(text.replace(/x$/, ''))
  if (!(value >= 1 && value <= 1000)) throw new InvalidArgumentError('Expected a factor from 1 to 1000.')
  return value
}

function positiveInteger(text: string): number {
  const value = nonNegativeInteger(text)
  if (value === 0) throw new InvalidArgumentError('Expected a whole number above 0.')
  return value
}

function nonNegativeInteger(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.')
  return Number(text)
}

function duration(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms === 0) throw new InvalidArgumentError('Expected a duration such as 10s, 5m or 2h.')
  return ms
}
