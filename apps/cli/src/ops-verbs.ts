import type { Command } from 'commander'
import type { Verb } from './program.ts'

type Register = <Options>(command: Command, load: () => Promise<Verb<Options>>) => Command

/**
 * Refuses what `vectra record` would refuse: a unit with a mistake in it fails later, in a log that nobody reads.
 *
 * @throws CommanderError as `vectra record` would
 */
function checkRecordOptions(program: Command, words: readonly string[]): void {
  const record = program.commands.find((command) => command.name() === 'record')
  if (record === undefined) throw new TypeError('there is no verb `record`')
  const rest = program.parseOptions([...words])
  const { operands, unknown } = record.parseOptions([...rest.operands, ...rest.unknown])
  const [stranger] = [...unknown, ...operands]
  if (stranger !== undefined)
    record.error(`error: \`vectra record\` does not take '${stranger}'\n(\`vectra record --help\` shows what it takes)`, {
      code: 'commander.unknownOption',
    })
}

/** Registers the verbs for whoever keeps a recorder running: `doctor`, `service`. They load nothing before they run. */
export function registerOperations(program: Command, verb: Register): void {
  verb(
    program
      .command('doctor')
      .description('check this machine and the data directory, with the fix for each finding; exit 1 on a fault')
      .option('--fast', 'leave out what takes longer than a moment: how fast the disk syncs'),
    async () => (await import('./commands/doctor.ts')).doctor,
  )
  const forRecord =
    <Options>(load: () => Promise<Verb<Options>>) =>
    async (): Promise<Verb<Options>> => {
      const run = await load()
      return (context, operands, options) => {
        checkRecordOptions(program, operands)
        return run(context, operands, options)
      }
    }
  const service = program.command('service').description('run the recorder under systemd')
  verb(
    service
      .command('print')
      .description('print the systemd unit')
      .argument('[record-options...]', 'options for `vectra record`, after --')
      .option('--system', 'for the machine instead of for you'),
    forRecord(async () => (await import('./commands/service.ts')).print),
  )
  verb(
    service
      .command('install')
      .description('write the systemd unit and say what to do next; starts nothing')
      .argument('[record-options...]', 'options for `vectra record`, after --')
      .option('--system', 'for the machine instead of for you')
      .option('--dry-run', 'only print what would be written, and where')
      .option('--overwrite', 'replace another unit of the same name'),
    forRecord(async () => (await import('./commands/service.ts')).install),
  )
}
