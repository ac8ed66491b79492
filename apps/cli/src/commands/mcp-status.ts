import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { findRepository } from '@vectra/indexer'
import { checkServers, type FoundDefinitions, findDefinitions, type ServerStatus } from '@vectra/mcp'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'
import { existingDir } from '../existing-dir.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { renderTable } from '../terminal/table.ts'
import { printable } from '../terminal/text.ts'

/** Options of `vectra mcp status`. */
export interface StatusOptions {
  readonly connect?: true | readonly string[]
  readonly timeout?: number
  readonly project?: string
}

/** `vectra mcp status`: the configured servers, and with `--connect` whether they answer. */
export async function status(context: CommandContext, _operands: readonly string[], options: StatusOptions): Promise<ExitCode> {
  const { io } = context
  const found = definitions(context, options.project)
  const names = Array.isArray(options.connect) ? (options.connect as readonly string[]) : undefined
  const known = [...new Set(found.servers.map(({ name }) => name))]
  const unknown = names?.filter((name) => !known.includes(name)) ?? []
  if (unknown.length > 0) {
    throw new CliError('CLI_USAGE', `there is no server ${unknown.join(', ')}`, {
      exitCode: EXIT.usage,
      hint: known.length === 0 ? 'none is configured here' : `there are ${known.join(', ')}`,
    })
  }
  const statuses = await checkServers(found.servers, {
    connect: options.connect !== undefined,
    names,
    connectMs: options.timeout,
    signal: context.signal,
  })
  if (context.json)
    await io.line(JSON.stringify({ servers: statuses.map(statusJson), unreadable: found.unreadable, looked: found.looked }))
  else await show(context, found, statuses, options.connect !== undefined)
  return exitOf(found, statuses)
}

/** Definitions around a project. */
export function definitions(context: CommandContext, project: string | undefined): FoundDefinitions {
  return findDefinitions({
    projectDir: projectDir(context, project),
    home: context.env.HOME ?? homedir(),
    env: context.env,
    read: readText,
  })
}

/** The project one stands in, or the one that is named. */
export function projectDir({ cwd }: CommandContext, project: string | undefined): string {
  return project === undefined ? (findRepository(cwd) ?? cwd) : existingDir(cwd, project, '--project')
}

/** Text of a file; undefined when there is none. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** 0: nothing to do. 78: a definition is wrong. 69: a server does not answer, or wants credentials. 65: one is not what it should be. */
function exitOf({ unreadable }: FoundDefinitions, statuses: readonly ServerStatus[]): ExitCode {
  const any = (...states: readonly ServerStatus['state'][]): boolean => statuses.some(({ state }) => states.includes(state))
  if (unreadable.length > 0 || any('misplaced', 'invalid')) return EXIT.badConfig
  if (any('spawn-failed', 'handshake-failed', 'auth-required')) return EXIT.unavailable
  return any('tools-mismatch', 'probe-failed') ? EXIT.badData : EXIT.ok
}

async function show(
  { io }: CommandContext,
  found: FoundDefinitions,
  statuses: readonly ServerStatus[],
  connected: boolean,
): Promise<void> {
  for (const { file, why } of found.unreadable) io.say(`${printable(file)}: ${why}`)
  if (statuses.length === 0) {
    io.say(`no MCP servers are configured; looked in ${found.looked.map(({ file }) => file).join(', ')}`)
    io.say('`vectra mcp install` configures this one')
    return
  }
  const columns = [
    { name: 'server' },
    { name: 'state' },
    { name: 'era' },
    { name: 'is' },
    { name: 'ms', align: 'right' as const },
    { name: 'tools', align: 'right' as const },
    { name: 'from' },
  ]
  const rows = statuses.map(({ definition, state, era, server, connectMs, tools, kind }) => [
    printable(definition.name),
    state,
    era ?? '',
    printable(server ?? kind ?? '').slice(0, 40),
    connectMs === null ? '' : String(connectMs),
    era === null ? '' : String(tools.length),
    `${definition.scope}: ${printable(definition.file)}`,
  ])
  await io.line(renderTable(columns, rows, (header) => io.styled('dim', header)))
  for (const { definition, detail, fix } of statuses) {
    if (detail === null && fix === null) continue
    io.say(`${printable(definition.name)}: ${printable(detail ?? '')}`)
    if (fix !== null) io.say(`   fix  ${io.styledError('bold', printable(fix))}`)
  }
  if (!connected) io.say('only the definitions were read; --connect starts and asks them')
}

function statusJson({ definition, ...status }: ServerStatus): object {
  const { name, scope, file, shown, approved, problems } = definition
  const { connectMs, probeMs, ...rest } = status
  return { name, scope, file, command: shown, approved, problems, ...rest, connect_ms: connectMs, probe_ms: probeMs }
}
