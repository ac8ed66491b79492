import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { type InstalledServer, planInstall } from '@vectra/mcp'
import { type CommandContext, flag } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { writeOutput } from '../output-file.ts'
import { projectDir } from './mcp-status.ts'

/** Options of `vectra mcp install`. */
export interface InstallOptions {
  readonly scope: 'project' | 'user'
  readonly name: string
  readonly allowSql?: boolean
  readonly allowWrite?: boolean
  readonly http?: number | true
  readonly dataDir?: string
  readonly project?: string
  readonly uninstall?: boolean
  readonly dryRun?: boolean
  readonly force?: boolean
}

/** `vectra mcp install`: writes this server into the configuration of Claude Code, or takes it out, and touches nothing else. */
export async function install(context: CommandContext, _operands: readonly string[], options: InstallOptions): Promise<ExitCode> {
  const { io } = context
  const given = { '--allow-sql': options.allowSql, '--allow-write': options.allowWrite, '--data-dir': options.dataDir }
  const lost = options.http === undefined ? [] : Object.entries(given).filter(([, value]) => value !== undefined)
  if (lost.length > 0) {
    const names = lost.map(([name]) => name).join(' ')
    throw new CliError('CLI_USAGE', `${names} cannot be given to a server that runs already`, {
      exitCode: EXIT.usage,
      hint: `start that one with: vectra mcp serve --http ${names}`,
    })
  }
  const settings = await context.settings({ dataDir: flag('--data-dir', options.dataDir) })
  const file =
    options.scope === 'user'
      ? join(context.env.HOME ?? homedir(), '.claude.json')
      : join(projectDir(context, options.project), '.mcp.json')
  const target = existsSync(file) ? realpathSync(file) : file
  // A file that is there and cannot be read must not pass for an empty one.
  const before = existsSync(target) ? readFileSync(target, 'utf8') : undefined
  const server = options.uninstall === true ? undefined : definitionOf(context, options)
  const { action, text } = planInstall(before, options.name, server, { force: options.force === true })
  const written = text !== undefined && options.dryRun !== true
  const backup = written && before !== undefined ? `${target}.before-vectra` : null
  if (written) {
    const how = { overwrite: true, dataDir: settings.values.dataDir, directories: true }
    const mode = before === undefined ? undefined : statSync(target).mode & 0o777
    if (backup !== null) writeOutput(backup, before ?? '', { ...how, mode })
    writeOutput(target, text, { ...how, mode })
  }
  if (context.json)
    await io.line(JSON.stringify({ action, file: target, name: options.name, server: server ?? null, written, backup }))
  else {
    const words = {
      add: 'added to',
      replace: 'replaced in',
      remove: 'removed from',
      none: options.uninstall === true ? 'not in' : 'already in',
    }
    if (options.dryRun === true && text !== undefined) await io.write(text)
    io.say(`${options.name}: ${options.dryRun === true && text !== undefined ? 'would be ' : ''}${words[action]} ${target}`)
    if (backup !== null) io.say(`the file as it was: ${backup}`)
    if (written && options.scope === 'project' && server !== undefined)
      io.say('Claude Code asks once whether the project may start it')
  }
  return EXIT.ok
}

function definitionOf(context: CommandContext, { allowSql, allowWrite, http, dataDir }: InstallOptions): InstalledServer {
  if (http !== undefined) {
    const url = `http://127.0.0.1:${http === true ? 8787 : http}/mcp`
    return { type: 'http', url, headers: { Authorization: 'Bearer ${VECTRA_MCP_TOKEN}' } }
  }
  const [command, ...first] = programOf(context)
  const rights = [...(allowSql === true ? ['--allow-sql'] : []), ...(allowWrite === true ? ['--allow-write'] : [])]
  // Only a directory that was named is written down: the others are looked up by each start, from its own environment.
  const data = dataDir === undefined ? [] : ['--data-dir', resolve(context.cwd, dataDir)]
  return { type: 'stdio', command: command ?? 'vectra', args: [...first, 'mcp', 'serve', ...rights, ...data] }
}

/** `vectra` when it is on the path, else this very program. */
function programOf({ env }: CommandContext): readonly string[] {
  const onPath = (env.PATH ?? '').split(delimiter).some((dir) => dir !== '' && existsSync(join(dir, 'vectra')))
  const [node = 'node', main = ''] = process.argv
  return onPath || main === '' ? ['vectra'] : [node, ...process.execArgv, main]
}
