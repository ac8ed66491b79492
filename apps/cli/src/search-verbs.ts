import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Verb } from './program.ts'

type Register = <Options>(command: Command, load: () => Promise<Verb<Options>>) => Command

const tables = (command: Command): Command =>
  command
    .option('--table <name...>', 'events, code, notes (default: all)')
    .option('--repo <dir>', 'the repository whose CONTEXT.md files are indexed (default: the one you stand in)')
    .option(
      '--model <model>',
      'none, org/name of the hub, or the address of an OpenAI-compatible API (default: the installed one)',
    )

/** Registers `index`, `search` and `note`. Like every verb they load nothing before they run. */
export function registerSearch(program: Command, verb: Register): void {
  program.commandsGroup('Search:')
  const index = program.command('index').description('keep the search tables: events, code context, notes')
  verb(
    tables(index.command('run').description('bring the tables up to date'))
      .option('--session-start', 'for the start of an editor session: one line at most, exit 0 also when the tables are busy')
      .option('--metrics-file <path>', "write the run's metrics in Prometheus' text form, for a textfile collector"),
    async () => (await import('./commands/index-tables.ts')).run,
  )
  verb(
    tables(index.command('watch').description('follow the store and the repository until stopped')).option(
      '--metrics-port <port>',
      'serve /metrics for Prometheus on this machine (0: a free port)',
      port,
    ),
    async () => (await import('./commands/index-tables.ts')).watch,
  )
  verb(
    tables(index.command('rebuild').description('empty the tables and fill them again; embeddings come from the cache')),
    async () => (await import('./commands/index-tables.ts')).rebuild,
  )
  verb(
    tables(index.command('status').description('rows, age, size and model of each table')),
    async () => (await import('./commands/index-tables.ts')).status,
  )
  verb(
    index.command('state').description('what the tables hold of each CONTEXT.md, as JSON for vectra-context check --index-state'),
    async () => (await import('./commands/index-tables.ts')).state,
  )
  verb(
    program
      .command('search')
      .description('search by words and by meaning')
      .argument('<text...>', 'a question, words, or a name')
      .option('--table <name...>', 'events, code, notes, or all; nothing crosses tables unless they are named')
      .option('-k, --limit <n>', 'hits of one page, 1 to 100', limit, 10)
      .addOption(new Option('--mode <mode>', 'how to rank (default hybrid)').choices(['hybrid', 'bm25', 'dense']))
      .option('--since <time>', 'from this time or age on: 2025-12-12, 2h')
      .option('--until <time>', 'up to this time or age')
      .option('--game <id>', 'only of this game')
      .option('--event <name>', 'only of this event')
      .option('--kind <kind...>', 'only these kinds, e.g. rug, decision')
      .option('--tag <tag...>', 'only notes with all of these tags')
      .option('--author <name>', 'only notes of this author')
      .option('--path <path>', 'only this file, or folder/')
      .option('--cursor <cursor>', 'the next page of an earlier answer')
      .option('--explain', 'show both ranks')
      .option('--model <model>', 'as in vectra index'),
    async () => (await import('./commands/search.ts')).search,
  )
  const note = program.command('note').description('notes: written into the event store, found by vectra search --table notes')
  verb(
    note
      .command('add')
      .description('write a note; its first line is the title')
      .argument('<text...>', 'the note')
      .option('--author <name>', 'who says it (VECTRA_AUTHOR; default the user)')
      .option('--tag <tag...>', 'what it is about')
      .option('--game <id...>', 'games it is about')
      .option('--file <path...>', 'files it is about')
      .option('--event <id...>', 'events it is about, <session id>:<seq>'),
    async () => (await import('./commands/note.ts')).add,
  )
  verb(
    note.command('ls').description('list the notes, newest first').option('--limit <n>', 'notes at most', limit, 50),
    async () => (await import('./commands/note.ts')).list,
  )
}

function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new InvalidArgumentError('Expected a port, 0 to 65535.')
  return Number(text)
}

function limit(text: string): number {
  const value = Number(text)
  if (!/^\d{1,3}$/.test(text) || value < 1 || value > 100)
    throw new InvalidArgumentError('Expected a whole number from 1 to 100.')
  return value
}
