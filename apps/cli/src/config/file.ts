import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { nearest } from '../terminal/suggestion.ts'
import { SETTING_SCHEMAS, type SettingKey } from './schema.ts'

/** Names looked for in the current directory, in this order. */
export const CONFIG_FILE_NAMES = ['vectra.config.ts', 'vectra.config.json'] as const

/** A config file as found: its path, and each key that it sets, unvalidated. */
export interface ConfigFile {
  readonly path: string
  readonly entries: ReadonlyMap<SettingKey, unknown>
}

/**
 * Where the config file is: `--config` or `VECTRA_CONFIG` (which must exist), else `vectra.config.ts` or `.json` in `cwd`.
 *
 * @throws CliError `CLI_CONFIG_UNREADABLE` when a named file does not exist
 */
export function findConfigFile(cwd: string, named: string | undefined): string | undefined {
  if (named !== undefined) {
    const path = isAbsolute(named) ? named : resolve(cwd, named)
    if (existsSync(path)) return path
    throw new CliError('CLI_CONFIG_UNREADABLE', 'the config file does not exist', {
      exitCode: EXIT.badConfig,
      where: path,
      hint: 'check --config and VECTRA_CONFIG, or leave both out to run without a config file',
    })
  }
  return CONFIG_FILE_NAMES.map((name) => join(cwd, name)).find((path) => existsSync(path))
}

/**
 * Reads a config file and flattens it into setting keys.
 *
 * @throws CliError `CLI_CONFIG_UNREADABLE` (does not parse or load), `CLI_CONFIG_INVALID` (unknown key, wrong shape)
 */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  const value = await loadValue(path)
  if (!isRecord(value)) throw invalid(path, 'the config file must hold one object', 'export default { dataDir: "…" }')
  const entries = new Map<SettingKey, unknown>()
  flatten(path, '', value, entries)
  return { path, entries }
}

async function loadValue(path: string): Promise<unknown> {
  try {
    if (path.endsWith('.json')) return JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''))
    const module: unknown = await import(pathToFileURL(path).href)
    return isRecord(module) ? module.default : undefined
  } catch (cause) {
    throw new CliError(
      'CLI_CONFIG_UNREADABLE',
      `the config file does not load: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        exitCode: EXIT.badConfig,
        where: path,
        hint: 'correct the file; `vectra config check` tries it again',
        cause,
      },
    )
  }
}

function flatten(path: string, prefix: string, value: Record<string, unknown>, entries: Map<SettingKey, unknown>): void {
  for (const [name, entry] of Object.entries(value)) {
    const key = prefix + name
    if (isSettingKey(key)) {
      entries.set(key, entry)
    } else if (isRecord(entry) && SETTING_KEYS.some((known) => known.startsWith(`${key}.`))) {
      flatten(path, `${key}.`, entry, entries)
    } else {
      const guess = nearest(key, SETTING_KEYS)
      throw invalid(
        path,
        `unknown key ${key}`,
        guess === undefined ? '`vectra config show` lists every key' : `did you mean ${guess}?`,
      )
    }
  }
}

/** Every key, in the order of the documentation. */
export const SETTING_KEYS = Object.keys(SETTING_SCHEMAS).filter(isSettingKey)

function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(SETTING_SCHEMAS, key)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(path: string, message: string, hint: string): CliError {
  return new CliError('CLI_CONFIG_INVALID', message, { exitCode: EXIT.badConfig, where: path, hint })
}
