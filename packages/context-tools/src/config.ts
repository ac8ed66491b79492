import ignore from 'ignore'
import { type ParseError, parse } from 'jsonc-parser'
import { ContextToolsError } from './errors.ts'
import { type BusPatterns, DEFAULT_BUS } from './graph/facts.ts'
import type { RepoView } from './view/view.ts'

/** Where the configuration lives, relative to the repository root. JSON with comments; never executed. */
export const CONFIG_PATH = 'vectra.context.json'

/** How loud a finding is. */
export type Level = 'error' | 'warning' | 'note'

/** A finding somebody decided to live with, for a reason and until a day. */
export interface Waiver {
  /** Rule it silences, as printed between brackets. */
  readonly rule: string
  /** Path or gitignore pattern of the CONTEXT.md. */
  readonly path: string
  /** Part of the message or target; empty matches all. */
  readonly match: string
  readonly reason: string
  /** Last day it holds, `YYYY-MM-DD`. */
  readonly expires: string
}

/** Settings of one repository, defaults filled in. Patterns are gitignore patterns. */
export interface ContextConfig {
  /** Left out of the graph altogether. */
  readonly exclude: readonly string[]
  /** In the graph, but in no need of a CONTEXT.md. */
  readonly optional: readonly string[]
  readonly tests: readonly string[]
  readonly sourceRoots: readonly string[]
  readonly bus: BusPatterns
  /** Level of an undocumented edge; `off` silences it. */
  readonly omitted: Level | 'off'
  /** Level of changed signatures since the last review; `off` silences it. */
  readonly stale: Level | 'off'
  readonly missing: Level | 'off'
  /** Unverifiable rows fail the check. */
  readonly strict: boolean
  readonly waivers: readonly Waiver[]
  /** Path of the baseline file. */
  readonly baseline: string
}

/** The settings of a repository without a configuration file. */
export const DEFAULT_CONFIG: ContextConfig = {
  exclude: [
    'node_modules/',
    'dist/',
    'build/',
    'out/',
    'coverage/',
    'vendor/',
    'third_party/',
    '__pycache__/',
    '.venv/',
    'venv/',
    'site-packages/',
    '*.min.js',
    '*.d.ts',
    '*_pb2.py',
    '*.generated.*',
    '.git/',
    '.next/',
    '.turbo/',
  ],
  optional: ['*.config.*', '*.setup.*', '.*', 'setup.py', 'bench/', 'benchmarks/', 'examples/', 'docs/'],
  tests: [
    'test/',
    'tests/',
    '__tests__/',
    'e2e/',
    '*.test.*',
    '*.spec.*',
    'test_*.py',
    '*_test.py',
    'conftest.py',
    '*.test-d.ts',
  ],
  sourceRoots: [],
  bus: DEFAULT_BUS,
  omitted: 'warning',
  stale: 'warning',
  missing: 'error',
  strict: false,
  waivers: [],
  baseline: 'vectra.context-baseline.json',
}

/** Reads the configuration out of a view, so that the index is judged by the index's own settings. @throws ContextToolsError CONTEXT_CONFIG_INVALID */
export async function readConfig(view: RepoView): Promise<ContextConfig> {
  const content = await view.read(CONFIG_PATH)
  return content === null ? DEFAULT_CONFIG : parseConfig(content.toString('utf8'))
}

/** Parses configuration text. Lists given in the file add to the defaults; `!pattern` takes one back. @throws ContextToolsError CONTEXT_CONFIG_INVALID */
export function parseConfig(text: string): ContextConfig {
  const errors: ParseError[] = []
  const json: unknown = parse(text, errors, { allowTrailingComma: true })
  const fault = (message: string) =>
    new ContextToolsError('CONTEXT_CONFIG_INVALID', `${CONFIG_PATH}: ${message}`, { context: { path: CONFIG_PATH } })
  if (errors.length > 0 || typeof json !== 'object' || json === null || Array.isArray(json))
    throw fault('is not a JSON object: fix the syntax')
  const given = json as Record<string, unknown>
  for (const key of Object.keys(given))
    if (!(key in DEFAULT_CONFIG) && key !== '$schema') throw fault(`unknown setting "${key}": remove it or correct its spelling`)
  const list = (key: 'exclude' | 'optional' | 'tests' | 'sourceRoots', from: readonly string[]): string[] => {
    const value = given[key] ?? []
    if (!Array.isArray(value) || value.some((one) => typeof one !== 'string')) throw fault(`"${key}" has to be a list of strings`)
    return [...from, ...(value as string[])]
  }
  const level = <T extends string>(key: string, fallback: T): T | Level | 'off' => {
    const value = given[key] ?? fallback
    if (!['error', 'warning', 'note', 'off'].includes(String(value)))
      throw fault(`"${key}" has to be "error", "warning", "note" or "off"`)
    return value as Level | 'off'
  }
  const bus = (given['bus'] ?? {}) as Partial<Record<'publish' | 'subscribe', unknown>>
  const calls = (key: 'publish' | 'subscribe'): string[] => {
    const value = bus[key] ?? []
    if (!Array.isArray(value) || value.some((one) => typeof one !== 'string'))
      throw fault(`"bus.${key}" has to be a list of method names`)
    return [...new Set([...DEFAULT_BUS[key], ...(value as string[])])]
  }
  return {
    exclude: list('exclude', DEFAULT_CONFIG.exclude),
    optional: list('optional', DEFAULT_CONFIG.optional),
    tests: list('tests', DEFAULT_CONFIG.tests),
    sourceRoots: list('sourceRoots', []),
    bus: { publish: calls('publish'), subscribe: calls('subscribe') },
    omitted: level('omitted', DEFAULT_CONFIG.omitted),
    stale: level('stale', DEFAULT_CONFIG.stale),
    missing: level('missing', DEFAULT_CONFIG.missing),
    strict: given['strict'] === true,
    waivers: waiversOf(given['waivers'], fault),
    baseline: typeof given['baseline'] === 'string' ? given['baseline'] : DEFAULT_CONFIG.baseline,
  }
}

function waiversOf(value: unknown, fault: (message: string) => Error): Waiver[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw fault('"waivers" has to be a list')
  return value.map((one: Partial<Waiver> | null, index) => {
    const { rule, path, match = '', reason, expires } = one ?? {}
    if (typeof rule !== 'string' || typeof path !== 'string') throw fault(`waiver ${index + 1} needs "rule" and "path"`)
    if (typeof reason !== 'string' || reason.trim() === '') throw fault(`waiver ${index + 1} (${rule} ${path}) needs a "reason"`)
    if (typeof expires !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(expires) || Number.isNaN(Date.parse(expires)))
      throw fault(`waiver ${index + 1} (${rule} ${path}) needs "expires" as YYYY-MM-DD`)
    return { rule, path, match: String(match), reason, expires }
  })
}

/** Compiles gitignore patterns into a test for repository paths. Plain ones, as the defaults are, become one expression. */
export function matcher(patterns: readonly string[]): (path: string) => boolean {
  if (patterns.length === 0) return () => false
  if (patterns.every((pattern) => /^[\w.*@-]+\/?$/.test(pattern))) {
    const parts = patterns.map((pattern) => {
      const name = pattern.replace(/\/$/, '').replaceAll('.', '\\.').replaceAll('*', '[^/]*')
      return pattern.endsWith('/') ? `${name}/` : `${name}(?:/|$)`
    })
    const expression = new RegExp(`(?:^|/)(?:${parts.join('|')})`)
    return (path) => expression.test(path)
  }
  const rules = ignore().add([...patterns])
  return (path) => path !== '' && !path.startsWith('../') && rules.ignores(path)
}
