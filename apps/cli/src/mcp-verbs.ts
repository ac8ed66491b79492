import { type Command, InvalidArgumentError } from 'commander'
import type { Verb } from './program.ts'

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
}

function httpPort(text: string): number {
  const match = /^(?:127\.0\.0\.1|localhost)?:?(\d{1,5})$/.exec(text)
  const value = Number(match?.[1] ?? Number.NaN)
  if (!(value <= 65_535)) throw new InvalidArgumentError('Expected a port such as :8787; only 127.0.0.1 is served.')
  return value
}
