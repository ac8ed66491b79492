import type { Command } from 'commander'
import type { Verb } from './program.ts'

type Register = <Options>(command: Command, load: () => Promise<Verb<Options>>) => Command

/** Registers the verbs for whoever keeps a recorder running: `doctor`, `service`. They load nothing before they run. */
export function registerOperations(program: Command, verb: Register): void {
  verb(
    program
      .command('doctor')
      .description('check this machine and the data directory, with the fix for each finding; exit 1 on a fault')
      .option('--fast', 'leave out what takes longer than a moment: how fast the disk syncs'),
    async () => (await import('./commands/doctor.ts')).doctor,
  )
  const service = program.command('service').description('run the recorder under systemd')
  verb(
    service
      .command('print')
      .description('print the systemd unit')
      .argument('[record-options...]', 'options for `vectra record`, after --')
      .option('--system', 'for the machine instead of for you'),
    async () => (await import('./commands/service.ts')).print,
  )
  verb(
    service
      .command('install')
      .description('write the systemd unit and say what to do next; starts nothing')
      .argument('[record-options...]', 'options for `vectra record`, after --')
      .option('--system', 'for the machine instead of for you')
      .option('--dry-run', 'only print what would be written, and where')
      .option('--overwrite', 'replace another unit of the same name'),
    async () => (await import('./commands/service.ts')).install,
  )
}
