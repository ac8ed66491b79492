import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { findConfigFile, readConfigFile, SETTING_KEYS } from './file.ts'
import { DEFAULTS, environmentNames, SETTING_SCHEMAS, type SettingKey, type SettingValues } from './schema.ts'

/** Where a value came from: `flag --data-dir`, `env RUGS_DATA_DIR`, `file /home/me/vectra.config.ts`, `default`. */
export interface Origin {
  readonly kind: 'flag' | 'env' | 'file' | 'default'
  /** The flag, variable or path; empty for a default. */
  readonly name: string
}

/** The settings of one run, and where each one came from. */
export interface Settings {
  readonly values: SettingValues
  readonly origins: Readonly<Record<SettingKey, Origin>>
  /** Path of the config file in use. */
  readonly configFile: string | undefined
}

/** One flag as the user gave it. */
export interface FlagValue {
  readonly flag: string
  readonly value: string
}

/** What the settings are made from. */
export interface SettingsInput {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly flags?: Readonly<Partial<Record<SettingKey, FlagValue | undefined>>>
  /** `--config`. */
  readonly configFile?: string | undefined
}

/**
 * Settles every setting: flag, then `VECTRA_*` / `RUGS_DATA_DIR`, then the config file, then the default.
 *
 * @throws CliError `CLI_USAGE` for a bad flag value, `CLI_CONFIG_INVALID` for a bad variable or config entry
 */
export async function resolveSettings({ cwd, env, flags = {}, configFile }: SettingsInput): Promise<Settings> {
  const path = findConfigFile(cwd, configFile ?? (env.VECTRA_CONFIG || undefined))
  const file = path === undefined ? undefined : await readConfigFile(path)
  const values: Record<string, unknown> = {}
  const origins: Record<string, Origin> = {}
  for (const key of SETTING_KEYS) {
    const { raw, origin } = pick(key, flags[key], env, file)
    const result = SETTING_SCHEMAS[key].safeParse(raw)
    if (!result.success) throw badValue(key, raw, origin, result.error.issues.map((issue) => issue.message).join('; '))
    values[key] = isPath(key, result.data) ? absolute(result.data, origin, cwd, env) : result.data
    origins[key] = origin
  }
  return { values: values as SettingValues, origins: origins as Record<SettingKey, Origin>, configFile: path }
}

/** `flag --data-dir`, `default`: an origin in words. */
export function describeOrigin(origin: Origin): string {
  return origin.name === '' ? origin.kind : `${origin.kind} ${origin.name}`
}

function pick(
  key: SettingKey,
  flag: FlagValue | undefined,
  env: SettingsInput['env'],
  file: Awaited<ReturnType<typeof readConfigFile>> | undefined,
): { raw: unknown; origin: Origin } {
  if (flag !== undefined) return { raw: flag.value, origin: { kind: 'flag', name: flag.flag } }
  for (const name of environmentNames(key)) {
    // An empty variable is an unset one, as shells and unit files make them.
    if (env[name]) return { raw: env[name], origin: { kind: 'env', name } }
  }
  const entry = file?.entries.get(key)
  if (file !== undefined && entry !== undefined) return { raw: entry, origin: { kind: 'file', name: file.path } }
  return { raw: DEFAULTS[key], origin: { kind: 'default', name: '' } }
}

function isPath(key: SettingKey, value: unknown): value is string {
  return key === 'dataDir' || key === 'browser.profile' || (key === 'browser.path' && value !== 'auto')
}

/** A path in a config file is relative to that file; elsewhere to where the command stands. */
function absolute(path: string, origin: Origin, cwd: string, env: SettingsInput['env']): string {
  if (path === '~' || path.startsWith('~/')) return join(env.HOME || homedir(), path.slice(1))
  return resolve(origin.kind === 'file' ? dirname(origin.name) : cwd, path)
}

function badValue(key: SettingKey, raw: unknown, origin: Origin, problem: string): CliError {
  const shown = typeof raw === 'string' ? `"${raw}"` : JSON.stringify(raw)
  if (origin.kind === 'flag') {
    return new CliError('CLI_USAGE', `${origin.name} ${String(raw)}: ${problem}`, { exitCode: EXIT.usage })
  }
  return new CliError('CLI_CONFIG_INVALID', `${origin.kind === 'env' ? origin.name : key} is ${shown}: ${problem}`, {
    exitCode: EXIT.badConfig,
    where: origin.kind === 'env' ? `environment variable ${origin.name}` : origin.name,
    hint: 'correct the value; `vectra config check` tries it again',
  })
}
