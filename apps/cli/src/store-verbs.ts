import { type Command, InvalidArgumentError, Option } from 'commander'
import { registerMirror } from './mirror-verbs.ts'
import type { Verb } from './program.ts'
import { parseDuration, parseSize } from './terminal/units.ts'

type Register = <Options>(command: Command, load: () => Promise<Verb<Options>>) => Command

const DOC_TYPES = ['ws_event', 'game_tick', 'player_action', 'server_state', 'system_event', 'debug_note']

/** Registers the verbs that look after part files: `store scrub`, `store compact`, `store prune`, `store export`. They load nothing before they run. */
export function registerStoreUpkeep(store: Command, verb: Register): void {
  verb(
    store
      .command('scrub')
      .description('read every file at a bounded rate; exit 65 when one is not as it was written; goes on where it was stopped')
      .option('--rate <rate>', 'bytes per second at most, e.g. 50MB/s', rate, 50_000_000)
      .option('--restart', 'begin again, though the last run was stopped half-way'),
    async () => (await import('./commands/store-scrub.ts')).scrub,
  )
  verb(
    store
      .command('compact')
      .description('merge small part files; answers stay the same; a second run does nothing')
      .option('--date <date>', 'only this UTC day, as if it were over, e.g. 2025-12-12', date)
      .option('--dry-run', 'only say what would be merged')
      .option('--memory <size>', "DuckDB's buffers (default 512MB)", size)
      .option('--threads <n>', 'threads to use (default 2)', count)
      .option('--wait <time>', 'wait so long for another compactor instead of leaving with 75', duration),
    async () => (await import('./commands/store-compact.ts')).compact,
  )
  verb(
    store
      .command('prune')
      .description('remove old rows of some doc_types: shows the plan, acts with --yes')
      .requiredOption('--older-than <age>', 'whole UTC days that ended longer ago than this, e.g. 90d', duration)
      .addOption(new Option('--doc-type <type...>', 'what to remove').choices(DOC_TYPES).makeOptionMandatory())
      .option('--keep-games <id...>', 'games whose rows stay')
      .option('--yes', 'do it'),
    async () => (await import('./commands/store-prune.ts')).prune,
  )
  verb(
    store
      .command('export')
      .description('copy rows out: to a file, or one file for each doc_type into a directory')
      .requiredOption('--to <path>', 'a file to make, or a directory that exists')
      .addOption(new Option('--format <format>', 'what to write').choices(['parquet', 'csv', 'ndjson']).default('parquet'))
      .option('--where <condition>', 'SQL over the columns, e.g. "game_id = \'…\' AND seq < 1000"')
      .option('--overwrite', 'replace files that exist'),
    async () => (await import('./commands/store-export.ts')).exportRows,
  )
  registerMirror(store, verb)
}

function date(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError('Expected a day such as 2025-12-12.')
  return text
}

function duration(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw new InvalidArgumentError('Expected a duration such as 30s, 12h or 90d.')
  return ms
}

function rate(text: string): number {
  const bytes = parseSize(text.replace(/\/s$/i, ''))
  if (bytes === undefined || bytes <= 0) throw new InvalidArgumentError('Expected a rate such as 50MB/s.')
  return bytes
}

function size(text: string): string {
  if (!/^\d+(?:\.\d+)?\s*[KMGT]i?B$/i.test(text)) throw new InvalidArgumentError('Expected a size such as 512MB.')
  return text
}

function count(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('Expected a whole number above 0.')
  return Number(text)
}
