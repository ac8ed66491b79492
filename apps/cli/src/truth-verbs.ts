import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Verb } from './program.ts'

type Register = <Options>(command: Command, load: () => Promise<Verb<Options>>) => Command

const CAUSES = ['disconnect', 'stale', 'backpressure', 'process_down', 'decode', 'clock', 'feed']

/** Registers the verbs that say what is missing or odd: `gaps`, `drift`, `quarantine`. They load nothing before they run. */
export function registerTruth(program: Command, verb: Register): void {
  verb(
    program
      .command('gaps')
      .description('list what was missed: when, why, which ticks, and what gave their prices back')
      .option('--game <id>', 'only this game')
      .option('--since <time>', 'gaps that ended at this time or age or later')
      .option('--until <time>', 'gaps that began before this time or age')
      .addOption(new Option('--source <name>', 'only this source').choices(['cdp', 'public_ws', 'replay', 'ui']))
      .option('--session <id>', 'only this session')
      .addOption(new Option('--cause <cause...>', 'only these causes').choices(CAUSES))
      .option('--limit <n>', 'gaps at most, the newest', positiveInteger, 50),
    async () => (await import('./commands/gaps.ts')).gaps,
  )
  verb(
    program
      .command('drift')
      .description('list changes in the shape of events: fields that appeared, stayed away or changed, and unknown events')
      .option('--since <time>', 'from this time or age on')
      .option('--event <name>', 'only this event'),
    async () => (await import('./commands/drift.ts')).drift,
  )
  const quarantine = program.command('quarantine').description('frames that did not fit their schema: stored as they came')
  verb(
    quarantine
      .command('ls')
      .description('list them by event and first issue')
      .option('--since <time>', 'from this time or age on')
      .option('--event <name>', 'only this event'),
    async () => (await import('./commands/quarantine.ts')).list,
  )
  verb(
    quarantine
      .command('show')
      .description('one frame as it came, its issues then and now')
      .argument('<frame>', 'its session and number as `quarantine ls` gives them: SESSION:SEQ'),
    async () => (await import('./commands/quarantine.ts')).show,
  )
  verb(
    quarantine
      .command('retry')
      .description(
        'decode them again with the present schemas and store those that fit now; what is stored stays; safe to repeat',
      )
      .option('--since <time>', 'from this time or age on')
      .option('--event <name>', 'only this event')
      .option('--dry-run', 'only say which would fit'),
    async () => (await import('./commands/quarantine.ts')).retry,
  )
}

function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Expected a whole number above 0.')
  return Number(text)
}
