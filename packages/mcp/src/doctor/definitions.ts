import { join } from 'node:path'
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser'
import type { PeerAddress } from '../clients/peer.ts'
import { expandVariables } from './variables.ts'

/** Which file a definition stands in, as Claude Code names the scopes. `misplaced`: in one that is not read for servers. */
export type DefinitionScope = 'project' | 'local' | 'user' | 'plugin' | 'misplaced'

/** One server that somebody configured. */
export interface ServerDefinition {
  readonly name: string
  readonly scope: DefinitionScope
  readonly file: string
  /** Undefined when it cannot be started as it is written; `problems` says why. */
  readonly address: PeerAddress | undefined
  /** The command line or address, without secrets. */
  readonly shown: string
  /** A project's file may come from a stranger: it is started only after somebody approved it. */
  readonly approved: boolean
  readonly problems: readonly string[]
}

/** What was found, and files that could not be read. */
export interface FoundDefinitions {
  readonly servers: readonly ServerDefinition[]
  readonly unreadable: readonly { readonly file: string; readonly why: string }[]
  /** Every file that was looked for, in order, and whether it is there. */
  readonly looked: readonly { readonly file: string; readonly found: boolean }[]
}

/** Where to look. */
export interface DefinitionPlaces {
  /** The project: where `.mcp.json` lies. */
  readonly projectDir: string
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Text of a file; undefined when there is none. */
  readonly read: (path: string) => string | undefined
}

type Json = Readonly<Record<string, unknown>>

/**
 * Every definition where Claude Code really keeps them: `.mcp.json` of the project, `~/.claude.json` (for the user, and for this
 * project), the `.mcp.json` of installed plugins. Definitions in a settings.json are found too, and called misplaced: nothing reads them.
 */
export function findDefinitions(places: DefinitionPlaces): FoundDefinitions {
  const { projectDir, home } = places
  const looked: { file: string; found: boolean }[] = []
  const unreadable: { file: string; why: string }[] = []
  const open = (file: string): Json | undefined => {
    const text = places.read(file)
    looked.push({ file, found: text !== undefined })
    if (text === undefined) return undefined
    const errors: ParseError[] = []
    const value: unknown = parse(text, errors, { allowTrailingComma: true })
    const [first] = errors
    if (first === undefined && isObject(value)) return value
    const why = first === undefined ? 'it is no JSON object' : `${printParseErrorCode(first.error)} at character ${first.offset}`
    unreadable.push({ file, why })
    return undefined
  }

  const projectFile = join(projectDir, '.mcp.json')
  const userFile = join(home, '.claude.json')
  const [project, user] = [open(projectFile), open(userFile)]
  const settings = [
    join(home, '.claude/settings.json'),
    join(projectDir, '.claude/settings.json'),
    join(projectDir, '.claude/settings.local.json'),
  ].map((file) => ({ file, value: open(file) }))
  const own = member(member(user, 'projects'), projectDir)
  const approvals = [own, ...settings.map(({ value }) => value)]
  const approved = (name: string): boolean =>
    !approvals.some((one) => listed(one, 'disabledMcpjsonServers', name)) &&
    approvals.some((one) => one?.['enableAllProjectMcpServers'] === true || listed(one, 'enabledMcpjsonServers', name))

  const servers: ServerDefinition[] = []
  const add = (
    file: string,
    scope: DefinitionScope,
    value: Json | undefined,
    more: Readonly<Record<string, string>> = {},
  ): void => {
    for (const [name, definition] of Object.entries(member(value, 'mcpServers') ?? {})) {
      servers.push(
        definitionOf(name, definition, {
          file,
          scope,
          approved: scope !== 'project' || approved(name),
          env: { ...places.env, ...more },
        }),
      )
    }
  }
  add(projectFile, 'project', project, { CLAUDE_PROJECT_DIR: projectDir })
  if (project !== undefined && project['mcpServers'] === undefined && isObject(project['servers'])) {
    unreadable.push({ file: projectFile, why: 'its servers stand under "servers"; Claude Code reads "mcpServers"' })
  }
  add(userFile, 'local', own, { CLAUDE_PROJECT_DIR: projectDir })
  add(userFile, 'user', user)
  for (const root of pluginRoots(home, places.read)) {
    const variables = { CLAUDE_PLUGIN_ROOT: root }
    const manifest = join(root, '.claude-plugin/plugin.json')
    const given = open(manifest)
    add(manifest, 'plugin', given, variables)
    const named = given?.['mcpServers']
    const own = typeof named === 'string' ? join(root, named) : join(root, '.mcp.json')
    // A plugin's own file may leave "mcpServers" out, and hold the servers at once.
    const value = open(own)
    add(own, 'plugin', value === undefined || isObject(value['mcpServers']) ? value : { mcpServers: value }, variables)
  }
  for (const { file, value } of settings) add(file, 'misplaced', value)
  return { servers, unreadable, looked }
}

/** Folders of the plugins that are installed. */
function pluginRoots(home: string, read: DefinitionPlaces['read']): string[] {
  const text = read(join(home, '.claude/plugins/installed_plugins.json'))
  const value: unknown = text === undefined ? undefined : parse(text)
  const plugins = member(isObject(value) ? value : undefined, 'plugins') ?? {}
  const entries = Object.values(plugins).flatMap((one) => (Array.isArray(one) ? one : [one]))
  const paths = entries.flatMap((one) => (isObject(one) && typeof one['installPath'] === 'string' ? [one['installPath']] : []))
  return [...new Set(paths)].sort()
}

function definitionOf(
  name: string,
  definition: unknown,
  { file, scope, approved, env }: { file: string; scope: DefinitionScope; approved: boolean; env: DefinitionPlaces['env'] },
): ServerDefinition {
  const problems: string[] = []
  const expand = (value: unknown): string => {
    const { text, unset } = expandVariables(typeof value === 'string' ? value : '', env)
    for (const variable of unset) problems.push(`the variable ${variable} is not set: it reaches the server as it is written`)
    return text
  }
  const given = isObject(definition) ? definition : {}
  const { command, url, type, args } = given
  let address: PeerAddress | undefined
  if (typeof command === 'string') {
    const environment = Object.entries(member(given, 'env') ?? {}).map(([key, value]) => [key, expand(value)] as const)
    const list = Array.isArray(args) ? args.map(expand) : []
    if (list.some((one) => one.startsWith('~/')))
      problems.push('an argument begins with ~/: nobody expands it; write the whole path, or ${HOME}')
    address = { command: expand(command), args: list, env: Object.fromEntries(environment) }
  } else if (typeof url === 'string') {
    const headers = Object.entries(member(given, 'headers') ?? {}).map(([key, value]) => [key, expand(value)] as const)
    const target = expand(url)
    if (type === 'sse') problems.push('its transport is sse, which is deprecated; use http')
    if (URL.canParse(target)) address = { url: target, headers: Object.fromEntries(headers) }
    else problems.push(`"${redact(target)}" is no address`)
  } else problems.push('it has neither "command" nor "url"')
  if (scope === 'misplaced') problems.unshift('settings.json is not read for servers')
  const shown =
    address === undefined ? '' : 'command' in address ? [address.command, ...(address.args ?? [])].join(' ') : address.url
  return { name, scope, file, address, shown: redact(shown), approved, problems: [...new Set(problems)] }
}

/** Tokens and passwords in command lines and addresses, as they may be shown. */
export function redact(text: string): string {
  return text
    .replace(/([?&;\s-](?:[\w-]*(?:token|key|secret|password|credentials)[\w-]*))([=\s])([^\s&;]+)/gi, '$1$2***')
    .replace(/(\bBearer\s+)\S+/gi, '$1***')
    .replace(/(:\/\/[^/@\s:]+:)[^@\s]+@/g, '$1***@')
}

function listed(value: Json | undefined, key: string, name: string): boolean {
  const list = value?.[key]
  return Array.isArray(list) && list.includes(name)
}

function member(value: Json | undefined, key: string): Json | undefined {
  const found = value?.[key]
  return isObject(found) ? found : undefined
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
