import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { writeOutput } from '../output-file.ts'
import { UNIT_NAME, unitFile } from '../service/unit.ts'

/** Options of `vectra service print` and `vectra service install`. */
export interface ServiceOptions {
  /** A unit of the machine instead of the user's own. */
  readonly system?: boolean
  readonly dryRun?: boolean
  readonly overwrite?: boolean
}

/** `vectra service print`: the systemd unit that would be installed. Operands are options of `vectra record`. */
export async function print(context: CommandContext, operands: readonly string[], options: ServiceOptions): Promise<ExitCode> {
  const unit = await makeUnit(context, operands, options)
  if (context.json) await context.io.line(JSON.stringify({ path: unit.path, unit: unit.text }))
  else await context.io.write(unit.text)
  return EXIT.ok
}

/** `vectra service install`: writes the unit where systemd looks for it, and says what to do next. Nothing is started. */
export async function install(context: CommandContext, operands: readonly string[], options: ServiceOptions): Promise<ExitCode> {
  const { path, text, dataDir } = await makeUnit(context, operands, options)
  const same = existsSync(path) && readFileSync(path, 'utf8') === text
  const next = nextSteps(options.system === true)
  const written = options.dryRun !== true && !same
  if (written) {
    if (existsSync(path) && options.overwrite !== true) {
      throw new CliError('CLI_OUTPUT_EXISTS', 'there is another unit of this name', {
        exitCode: EXIT.cannotWrite,
        where: path,
        hint: 'compare it with `vectra service print`, then add --overwrite',
      })
    }
    writeOutput(path, text, { overwrite: true, dataDir, directories: true })
  }
  if (context.json) {
    await context.io.line(JSON.stringify({ path, written, unchanged: same, dry_run: options.dryRun === true, next, unit: text }))
    return EXIT.ok
  }
  if (options.dryRun === true) await context.io.write(text)
  context.io.say(same ? `${path} is as it should be` : options.dryRun === true ? `would write ${path}` : `wrote ${path}`)
  for (const [index, step] of next.entries()) context.io.say(`${index === 0 ? 'next  ' : '      '}${step}`)
  return EXIT.ok
}

function nextSteps(system: boolean): readonly string[] {
  const systemctl = system ? 'systemctl' : 'systemctl --user'
  return [
    `${systemctl} daemon-reload`,
    `${systemctl} enable --now vectra-recorder@a`,
    ...(system ? [] : ['loginctl enable-linger   (records also while you are logged out)']),
    `after an upgrade: ${systemctl} enable --now vectra-recorder@b && ${systemctl} disable vectra-recorder@a`,
  ]
}

async function makeUnit(
  context: CommandContext,
  operands: readonly string[],
  { system = false }: ServiceOptions,
): Promise<{ path: string; text: string; dataDir: string }> {
  const { values, configFile } = await context.settings()
  const [entry = 'vectra'] = process.argv.slice(1)
  const where = system ? [] : ['--data-dir', values.dataDir]
  const config = configFile === undefined ? [] : ['--config', configFile]
  const text = attempt(() =>
    unitFile({
      command: [process.execPath, ...process.execArgv, resolve(entry), 'record', ...config, ...where, ...operands],
      scope: system ? 'system' : 'user',
    }),
  )
  const home = context.env.HOME || homedir()
  const folder = system ? '/etc/systemd/system' : join(context.env.XDG_CONFIG_HOME || join(home, '.config'), 'systemd', 'user')
  return { path: join(folder, UNIT_NAME), text, dataDir: values.dataDir }
}

function attempt(make: () => string): string {
  try {
    return make()
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    throw new CliError('CLI_USAGE', cause.message, { exitCode: EXIT.usage, cause })
  }
}
