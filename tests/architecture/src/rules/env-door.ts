import ts from 'typescript'
import { type Finding, lineOf, nodesOf, sourcesOf, type Workspace } from '../workspace.ts'

/** Packages whose behaviour must be a function of their inputs and their `Env`. */
const CORE: ReadonlySet<string> = new Set(['@vectra/schemas', '@vectra/game', '@vectra/event-store', '@vectra/ingest'])

const DOOR = /(^|\/)env\.ts$/

/** Modules that are a clock, a source of randomness or a disk. */
const DOORS_ONLY: ReadonlySet<string> = new Set(
  ['fs', 'fs/promises', 'timers', 'timers/promises', 'perf_hooks'].flatMap((name) => [name, `node:${name}`]),
)

const TIMERS: ReadonlySet<string> = new Set(['setTimeout', 'setInterval'])

/** `object.member` pairs that read the world. */
const MEMBERS: ReadonlySet<string> = new Set([
  'Date.now',
  'Math.random',
  'process.hrtime',
  'process.uptime',
  'crypto.getRandomValues',
  'crypto.randomUUID',
  'crypto.randomBytes',
  'crypto.randomInt',
])

/** In the core, files named `env.ts` are the only door to clock, randomness and disk. */
export function envDoor(workspace: Workspace): Finding[] {
  const findings: Finding[] = []
  for (const module of sourcesOf(workspace)) {
    if (!CORE.has(module.package.manifest.name) || DOOR.test(module.path)) continue
    const report = (line: number, what: string): void => {
      findings.push({ path: module.path, line, message: `${what} outside env.ts; take it from the Env that was passed in` })
    }
    for (const edge of module.imports) {
      if (edge.typeOnly) continue
      if (DOORS_ONLY.has(edge.specifier)) report(edge.line, `import of ${edge.specifier}`)
      if (/^(node:)?crypto$/.test(edge.specifier)) {
        for (const name of edge.names) {
          if (/^(random|getRandom|webcrypto$|\*$|default$)/.test(name))
            report(edge.line, `import of ${name} from ${edge.specifier}`)
        }
      }
    }
    for (const node of nodesOf(module.ast)) {
      const what = worldRead(node)
      if (what !== undefined) report(lineOf(node), what)
    }
  }
  return findings
}

function worldRead(node: ts.Node): string | undefined {
  if (ts.isNewExpression(node) && isNamed(node.expression, 'Date') && (node.arguments?.length ?? 0) === 0) return 'new Date()'
  if (ts.isCallExpression(node) && isNamed(node.expression, 'Date')) return 'Date()'
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && TIMERS.has(node.expression.text))
    return node.expression.text
  if (!ts.isPropertyAccessExpression(node)) return undefined
  const object =
    ts.isPropertyAccessExpression(node.expression) && isNamed(node.expression.expression, 'globalThis')
      ? node.expression.name
      : node.expression
  if (!ts.isIdentifier(object)) return undefined
  if (object.text === 'performance') return `performance.${node.name.text}`
  if (object.text === 'globalThis' && TIMERS.has(node.name.text)) return `globalThis.${node.name.text}`
  const pair = `${object.text}.${node.name.text}`
  return MEMBERS.has(pair) ? pair : undefined
}

function isNamed(node: ts.Expression, name: string): boolean {
  return ts.isIdentifier(node) && node.text === name
}
