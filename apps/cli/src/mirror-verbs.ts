import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Verb } from './program.ts'

type Register = <Options>(command: Command, load: () => Promise<Verb<Options>>) => Command

const DOC_TYPES = ['ws_event', 'game_tick', 'player_action', 'server_state', 'system_event', 'debug_note']

/** Registers the verbs of a mirror in object storage: `store push`, `store pull`, `store views`. They load nothing before they run. */
export function registerMirror(store: Command, verb: Register): void {
  verb(
    address(
      store.command('push').description('mirror part files to S3 or a directory: only what is missing; never overwrites'),
      '--to',
    ).option('--dry-run', 'only say what would go up'),
    async () => (await import('./commands/store-mirror.ts')).push,
  )
  verb(
    address(
      store.command('pull').description('fill a data directory from a mirror, in full or in part; checks every byte'),
      '--from',
    )
      .addOption(new Option('--doc-type <type...>', 'only these').choices(DOC_TYPES))
      .option('--since <date>', 'from this UTC day on, e.g. 2025-12-12', date)
      .option('--until <date>', 'up to this UTC day', date),
    async () => (await import('./commands/store-mirror.ts')).pull,
  )
  verb(
    address(
      store.command('views').description('print SQL that defines all views over a mirror, for any DuckDB with httpfs'),
      '--from',
    ),
    async () => (await import('./commands/store-mirror.ts')).views,
  )
}

function address(command: Command, flag: '--to' | '--from'): Command {
  return command
    .requiredOption(`${flag} <address>`, 's3://BUCKET/PREFIX, or a directory')
    .option('--endpoint <url>', 'of another service than Amazon S3 (AWS_ENDPOINT_URL)')
    .option('--region <name>', 'of the bucket (AWS_REGION)')
    .option('--concurrency <n>', 'objects at a time (default 4)', count)
}

function date(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError('Expected a day such as 2025-12-12.')
  return text
}

function count(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 1 to 99.')
  return Number(text)
}
