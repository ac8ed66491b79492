import { findNodeAtLocation, type Node, type ParseError, parse, parseTree } from 'jsonc-parser'
import { McpError } from '../errors.ts'

/** A server as it stands in a configuration file. */
export type InstalledServer =
  | {
      readonly type: 'stdio'
      readonly command: string
      readonly args: readonly string[]
      readonly env?: Readonly<Record<string, string>>
    }
  | { readonly type: 'http'; readonly url: string; readonly headers?: Readonly<Record<string, string>> }

/** What would become of a file. */
export interface InstallPlan {
  readonly action: 'add' | 'replace' | 'remove' | 'none'
  /** The new text; undefined when nothing changes. */
  readonly text: string | undefined
}

/**
 * Puts one server into the text of a configuration file, or takes it out. Everything else stays byte for byte: other servers, order,
 * comments. Doing it twice changes nothing.
 *
 * @param text the file as it is; undefined when there is none
 * @param server undefined takes the entry out, when it is one of ours
 * @throws McpError MCP_CONFIG for a file that is no JSON object, and for an entry of that name that is somebody else's
 */
export function planInstall(
  text: string | undefined,
  name: string,
  server: InstalledServer | undefined,
  { force = false } = {},
): InstallPlan {
  const errors: ParseError[] = []
  const empty = text === undefined || text.trim() === ''
  const root: unknown = empty ? {} : parse(text, errors, { allowTrailingComma: true })
  if (errors.length > 0 || typeof root !== 'object' || root === null || Array.isArray(root)) {
    throw new McpError('MCP_CONFIG', 'the file is no JSON object, so nothing was changed; mend it first')
  }
  const servers = (root as Record<string, unknown>)['mcpServers']
  if (servers !== undefined && (typeof servers !== 'object' || servers === null || Array.isArray(servers))) {
    throw new McpError('MCP_CONFIG', '"mcpServers" is no object, so nothing was changed; mend it first')
  }
  const existing = (servers as Record<string, unknown> | undefined)?.[name]
  if (existing !== undefined && !isOurs(existing) && !force) {
    throw new McpError(
      'MCP_CONFIG',
      `there is another server "${name}"; choose another name with --name, or take its place with --force`,
      { context: { name } },
    )
  }
  const source = empty ? '{}\n' : text
  const at = (path: readonly string[]): Node | undefined => {
    const tree = parseTree(source, [], { allowTrailingComma: true })
    return tree === undefined ? undefined : findNodeAtLocation(tree, [...path])
  }
  const entry = at(['mcpServers', name])
  if (server === undefined) {
    return entry?.parent === undefined
      ? { action: 'none', text: undefined }
      : { action: 'remove', text: without(source, entry.parent) }
  }
  if (entry !== undefined) {
    if (JSON.stringify(existing) === JSON.stringify(server)) return { action: 'none', text: undefined }
    const value = printed(server, indentAt(source, entry.offset))
    return { action: 'replace', text: source.slice(0, entry.offset) + value + source.slice(entry.offset + entry.length) }
  }
  const list = at(['mcpServers'])
  return {
    action: 'add',
    text:
      list === undefined ? withMember(source, at([]), 'mcpServers', { [name]: server }) : withMember(source, list, name, server),
  }
}

/** The text with one more member at the end of an object, indented like the others. Nothing that stands there is touched. */
function withMember(text: string, object: Node | undefined, key: string, value: unknown): string {
  if (object === undefined) return text
  const last = object.children?.at(-1)
  if (last === undefined) {
    const indent = indentAt(text, object.offset)
    const inner = `${indent}  `
    const body = `{\n${inner}${JSON.stringify(key)}: ${printed(value, inner)}\n${indent}}`
    return text.slice(0, object.offset) + body + text.slice(object.offset + object.length)
  }
  const end = last.offset + last.length
  const ownLine = /\n[ \t]*$/.test(text.slice(0, last.offset))
  const indent = ownLine ? indentAt(text, last.offset) : ''
  const member = `${ownLine ? `\n${indent}` : ' '}${JSON.stringify(key)}: ${printed(value, indent)}`
  return `${text.slice(0, end)},${member}${text.slice(end)}`
}

/** The text without one member, and without the comma that went with it. */
function without(text: string, member: Node): string {
  const siblings = member.parent?.children ?? []
  const index = siblings.indexOf(member)
  const [before, after] = [siblings[index - 1], siblings[index + 1]]
  const end = member.offset + member.length
  if (before !== undefined) return text.slice(0, before.offset + before.length) + text.slice(end)
  if (after !== undefined) return text.slice(0, member.offset) + text.slice(after.offset)
  const { offset, length } = member.parent ?? member
  return `${text.slice(0, offset)}{}${text.slice(offset + length)}`
}

function printed(value: unknown, indent: string): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', `\n${indent}`)
}

/** Blanks at the beginning of the line on which something stands. */
function indentAt(text: string, offset: number): string {
  return /(?:^|\n)([ \t]*)[^\n]*$/.exec(text.slice(0, offset))?.[1] ?? ''
}

/** An entry that starts `… mcp serve`, or asks a server of ours on loopback. */
function isOurs(entry: unknown): boolean {
  if (typeof entry !== 'object' || entry === null) return false
  const { args, url } = entry as { args?: unknown; url?: unknown }
  if (Array.isArray(args)) {
    const at = args.indexOf('mcp')
    return at >= 0 && args[at + 1] === 'serve'
  }
  return typeof url === 'string' && /^http:\/\/127\.0\.0\.1:\d+\/mcp$/.test(url)
}
