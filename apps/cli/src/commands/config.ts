import { SETTING_KEYS } from '../config/file.ts'
import { describeOrigin, type Settings } from '../config/settings.ts'
import type { CommandContext } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { renderPairs, renderTable } from '../terminal/table.ts'

/** `vectra config show`: every setting, with `--origin` also where it came from. Durations in ms, sizes in bytes. */
export async function show(
  context: CommandContext,
  _operands: readonly string[],
  options: { origin?: boolean },
): Promise<ExitCode> {
  const { values, origins } = await context.settings()
  if (context.json) {
    const entry = (key: (typeof SETTING_KEYS)[number]): unknown =>
      options.origin === true ? { value: values[key], origin: origins[key].kind, from: origins[key].name || null } : values[key]
    await context.io.line(JSON.stringify(Object.fromEntries(SETTING_KEYS.map((key) => [key, entry(key)]))))
  } else if (options.origin === true) {
    const rows = SETTING_KEYS.map((key) => [key, shown(key, values[key]), describeOrigin(origins[key])])
    await context.io.line(
      renderTable([{ name: 'setting' }, { name: 'value' }, { name: 'origin', maxWidth: 120 }], rows, (header) =>
        context.io.styled('dim', header),
      ),
    )
  } else {
    await context.io.line(renderPairs(SETTING_KEYS.map((key) => [key, shown(key, values[key])])))
  }
  return EXIT.ok
}

/** `vectra config path`: the config file in use; exit 1 and a note on stderr when there is none. */
export async function path(context: CommandContext): Promise<ExitCode> {
  const { configFile } = await context.settings()
  if (context.json) await context.io.line(JSON.stringify({ path: configFile ?? null }))
  else if (configFile !== undefined) await context.io.line(configFile)
  else context.io.say(`no config file: none of vectra.config.ts, vectra.config.json in ${context.cwd}`)
  return configFile === undefined ? EXIT.failure : EXIT.ok
}

/** `vectra config check`: resolves everything; what is wrong surfaces as the error itself, exit 78. */
export async function check(context: CommandContext): Promise<ExitCode> {
  const settings = await context.settings()
  const set = SETTING_KEYS.filter((key) => settings.origins[key].kind !== 'default')
  if (context.json) await context.io.line(JSON.stringify({ ok: true, path: settings.configFile ?? null, set }))
  else
    await context.io.line(
      `ok: ${set.length === 0 ? 'every setting has its default' : `${set.length} set (${set.join(', ')})`}${fileNote(settings)}`,
    )
  return EXIT.ok
}

function fileNote({ configFile }: Settings): string {
  return configFile === undefined ? '; no config file' : `; config file ${configFile}`
}

/** Durations and sizes as a person writes them. */
function shown(key: string, value: unknown): string {
  if (typeof value === 'number' && /(Timeout|After|Interval|timeout)$/.test(key))
    return value % 1_000 === 0 ? `${value / 1_000}s` : `${value}ms`
  if (key === 'query.memoryLimit' && typeof value === 'number')
    return value % 2 ** 20 === 0 ? `${value / 2 ** 20}MiB` : `${value}B`
  return String(value)
}
