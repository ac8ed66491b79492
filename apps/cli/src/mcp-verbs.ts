import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Verb } from './program.ts'
import { parseDuration } from './terminal/units.ts'

type Register = <Options>(command: Command, load: () => Promise<Verb<Options>>) => Command

/** Registers `mcp`. Like every verb it loads nothing before it runs. */
export function registerMcp(program: Command, verb: Register): void {
  program.commandsGroup('Agents:')
  const mcp = program
    .command('mcp')
    .description('serve coding agents over the Model Context Protocol, and look after its configuration')
  verb(
    mcp
      .command('serve')
      .description('serve what is recorded and known: stdin and stdout, or loopback')
      .option('--http [:port]', 'on 127.0.0.1 instead (default :8787); VECTRA_MCP_TOKEN is the bearer token', httpPort)
      .option('--allow-sql', 'let agents run read-only SQL, in a process of its own')
      .option('--allow-write', 'let agents add debug notes')
      .option('--repo <dir>', 'the repository whose CONTEXT.md files are served (default: the one you stand in)')
      .option('--model <model>', 'as in vectra index'),
    async () => (await import('./commands/mcp-serve.ts')).serve,
  )
  verb(
    mcp
      .command('status')
      .description('the configured MCP servers, of any kind; with --connect whether they answer')
      .option('--connect [name...]', 'start and ask them; servers of a project that nobody approved only by name')
      .option('--timeout <time>', 'for the start of each (default 5s)', duration)
      .option('--project <dir>', 'the project (default: the one you stand in)'),
    async () => (await import('./commands/mcp-status.ts')).status,
  )
  verb(
    mcp
      .command('install')
      .description('write this server into the configuration of Claude Code; a second time changes nothing')
      .addOption(
        new Option('--scope <scope>', '.mcp.json of the project, or ~/.claude.json')
          .choices(['project', 'user'])
          .default('project'),
      )
      .option('--name <name>', 'what it is called there', serverName, 'vectra')
      .option('--allow-sql', 'as in vectra mcp serve')
      .option('--allow-write', 'as in vectra mcp serve')
      .option('--http [:port]', 'a server that runs already (default :8787), with the token of VECTRA_MCP_TOKEN', httpPort)
      .option('--project <dir>', 'the project (default: the one you stand in)')
      .option('--uninstall', 'take it out again')
      .option('--dry-run', 'only show the file as it would be')
      .option('--force', 'take the place of another server of that name'),
    async () => (await import('./commands/mcp-install.ts')).install,
  )

  const migrate = program.command('migrate').description('take over what older systems hold')
  verb(
    migrate
      .command('chroma')
      .description(
        'take over the documents of Chroma collections; proves the counts, goes on where it stopped, adds nothing twice',
      )
      .option('--from <dir>', 'a Chroma database on disk, read through chroma-mcp')
      .option('--url <url>', 'a Chroma server instead, e.g. http://127.0.0.1:8000 (CHROMA_TOKEN)')
      .option('--command <program>', 'the chroma-mcp to start (default: the installed one, else through uvx)')
      .option('--collection <name...>', 'only these (default: all)')
      .option('--dry-run', 'only read, route and count')
      .option('--no-index', 'leave the search tables as they are')
      .option('--page-size <n>', 'documents of one page', pageSize, 100)
      .option('--repo <dir>', 'the repository whose CONTEXT.md files count as originals (default: the one you stand in)')
      .option('--model <model>', 'as in vectra index'),
    async () => (await import('./commands/migrate-chroma.ts')).chroma,
  )
}

function pageSize(text: string): number {
  const value = Number(text)
  if (!/^\d{1,4}$/.test(text) || value < 1 || value > 1_000)
    throw new InvalidArgumentError('Expected a whole number from 1 to 1000.')
  return value
}

function serverName(text: string): string {
  if (!/^[A-Za-z0-9][\w-]{0,39}$/.test(text)) throw new InvalidArgumentError('Expected letters, digits, - and _, at most 40.')
  return text
}

function httpPort(text: string): number {
  const match = /^(?:127\.0\.0\.1|localhost)?:?(\d{1,5})$/.exec(text)
  const value = Number(match?.[1] ?? Number.NaN)
  if (!(value <= 65_535)) throw new InvalidArgumentError('Expected a port such as :8787; only 127.0.0.1 is served.')
  return value
}

function duration(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms === 0) throw new InvalidArgumentError('Expected a duration such as 5s or 1m.')
  return ms
}
