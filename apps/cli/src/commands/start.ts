import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { QueryEngine } from '@vectra/event-store'
import { type ReplayRecord, serveReplay, type Speed, systemClock } from '@vectra/ingest'
import { sampleFeed } from '@vectra/recorder'
import type { Settings } from '../config/settings.ts'
import type { CommandContext } from '../context.ts'
import { openData } from '../data.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { renderTable } from '../terminal/table.ts'
import { formatCount, plural } from '../terminal/units.ts'
import { collectGame, gameSummary, tickTable } from './game.ts'
import { recordSummary, recordWithStatus } from './record.ts'

/** Longest the sample may take; at ×6 it needs some seven seconds. */
const LIMIT_MS = 120_000

/**
 * What `npm start` runs: serves a generated sample over Socket.IO, records it like any live feed, and shows what is stored.
 *
 * Needs no network, no wallet, no configuration. Its data directory is the configured one, else `rugs_data` in the clone.
 */
export async function start(context: CommandContext, _operands: readonly string[], options: { speed: Speed; seed?: string }): Promise<ExitCode> {
  const { io } = context
  const settings = insideTheClone(await context.settings(), context.cwd)
  const { dataDir } = settings.values
  const log = await context.log(settings)
  const clock = systemClock()
  const startAt = clock.now()
  const records = [...sampleFeed({ seed: options.seed ?? `sample-${startAt}`, startAt })].map(({ at, text }): ReplayRecord => ({ at, text, direction: 'received' }))
  await using server = await serveReplay({ records, clock, speed: options.speed })
  io.say(`recording a generated sample: two games, ${formatCount(records.length)} events from ${server.url}`)
  io.say(`data goes to ${dataDir}`)
  const report = await recordWithStatus(
    context,
    {
      dataDir,
      source: 'public_ws',
      url: server.url,
      path: '/socket.io',
      connectTimeoutMs: 10_000,
      staleAfterMs: 30_000,
      flush: { maxEvents: settings.values['record.flushEvents'], intervalMs: settings.values['record.flushInterval'] },
      encoder: settings.values['record.encoder'],
      untilEnd: true,
      durationMs: LIMIT_MS,
    },
    log,
  )
  await server.close()
  if (context.json) {
    await io.line(JSON.stringify(recordSummary(report, dataDir)))
    return EXIT.ok
  }
  const { stored, framesIn } = report.summary.sources[0] ?? { stored: 0, framesIn: 0 }
  await io.line(`stopped cleanly: ${formatCount(framesIn)} frames received, ${formatCount(stored)} stored, ${plural(report.summary.games, 'game')}, ${plural(report.store.partsWritten, 'part file')}`)
  await using engine = await openData(settings)
  await showCounts(io, engine)
  await showGame(io, engine, report.summary.sources[0]?.sessionId)
  await io.line(`\n${nextSteps(context, dataDir)}`)
  return EXIT.ok
}

/** A first run must not write into somebody's home: without a choice of theirs the data stays in the clone, where git ignores it. */
function insideTheClone(settings: Settings, cwd: string): Settings {
  if (settings.origins.dataDir.kind !== 'default') return settings
  const clone = fileURLToPath(new URL('../../../', import.meta.url))
  const root = [resolve(clone), resolve(clone, '..')].find((folder) => existsSync(join(folder, 'pnpm-workspace.yaml'))) ?? cwd
  return { ...settings, values: { ...settings.values, dataDir: join(root, 'rugs_data') } }
}

async function showCounts(io: CommandContext['io'], engine: QueryEngine): Promise<void> {
  const { rows } = await engine.sql('SELECT doc_type, count(*) FROM events GROUP BY 1 ORDER BY 2 DESC')
  const cells = rows.map(([docType, count]) => [String(docType), formatCount(BigInt(String(count)))])
  await io.line(`\n${renderTable([{ name: 'doc_type' }, { name: 'rows', align: 'right' }], cells, (header) => io.styled('dim', header))}`)
}

async function showGame(io: CommandContext['io'], engine: QueryEngine, session: string | undefined): Promise<void> {
  const { rows } = await engine.sql('SELECT game_id FROM game_tick WHERE session_id = $1 AND rugged ORDER BY seq LIMIT 1', { params: [session ?? ''] })
  const gameId = rows[0]?.[0]
  if (typeof gameId !== 'string') return
  const report = await collectGame(engine, gameId, new AbortController().signal)
  const { ticks } = report
  await io.line(`\n${gameSummary(report)}`)
  const shown = ticks.length > 12 ? [...ticks.slice(0, 6), ...ticks.slice(-6)] : ticks
  await io.line(`\n${tickTable(shown, io.styled)}`)
  if (shown.length < ticks.length) await io.line(`first and last six of ${ticks.length} ticks`)
}

function nextSteps({ env, cwd, io }: CommandContext, dataDir: string): string {
  const command = env.npm_lifecycle_event === undefined ? 'vectra' : 'npm run -s vectra --'
  const below = relative(cwd, dataDir)
  const where = ` --data-dir ${below === '' ? '.' : below.startsWith('..') ? dataDir : below}`
  const steps = [
    `games${where}`,
    `query "SELECT event_name, count(*) FROM ws_event GROUP BY 1 ORDER BY 2 DESC"${where}`,
    `events --event standard/newTrade --last${where}`,
    `import FILE.jsonl${where}`,
    `--help`,
  ]
  return [io.styled('bold', 'Try next:'), ...steps.map((step) => `  ${command} ${step}`)].join('\n')
}
