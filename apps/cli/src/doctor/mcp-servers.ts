import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import { plural } from '../terminal/units.ts'
import { type Finding, fault, ok, skipped, warning } from './finding.ts'

/** File in which agents look for servers. */
const FILE = '.mcp.json'

/** The MCP servers that a project's file defines: it reads, and their programs are there. Nothing is started. */
export function checkMcpServers(cwd: string, env: Readonly<Record<string, string | undefined>>): Finding {
  const path = join(cwd, FILE)
  if (!existsSync(path)) return skipped('mcp_servers', `no ${FILE} here`)
  let servers: unknown
  try {
    const file: unknown = JSON.parse(readFileSync(path, 'utf8'))
    servers = typeof file === 'object' && file !== null && 'mcpServers' in file ? file.mcpServers : undefined
  } catch (error) {
    return fault(
      'mcp_servers',
      `${path} is no JSON: ${error instanceof Error ? error.message : String(error)}`,
      `correct ${path}`,
    )
  }
  if (typeof servers !== 'object' || servers === null || Array.isArray(servers))
    return fault(
      'mcp_servers',
      `${path} has no object mcpServers`,
      '{"mcpServers": {"vectra": {"command": "vectra", "args": ["mcp", "serve"]}}}',
    )
  const entries = Object.entries(servers)
  const problems = entries.flatMap(([name, server]) => {
    const problem = problemOf(server, env)
    return problem === null ? [] : [`${name}: ${problem}`]
  })
  if (problems.length > 0) return warning('mcp_servers', problems.join('; '), `install what is missing, or correct ${path}`)
  return ok('mcp_servers', `${plural(entries.length, 'server')} in ${path}`)
}

function problemOf(server: unknown, env: Readonly<Record<string, string | undefined>>): string | null {
  if (typeof server !== 'object' || server === null) return 'is no object'
  const { command, url } = server as { command?: unknown; url?: unknown }
  if (typeof url === 'string') return URL.canParse(url) ? null : `${url} is no address`
  if (typeof command !== 'string' || command === '') return 'has neither command nor url'
  return isProgram(command, env.PATH ?? '') ? null : `${command} is not installed`
}

function isProgram(command: string, path: string): boolean {
  const places =
    isAbsolute(command) || command.includes('/') ? [command] : path.split(delimiter).map((folder) => join(folder, command))
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
