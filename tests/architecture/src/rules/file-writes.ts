import ts from 'typescript'
import { type Finding, lineOf, nodesOf, sourcesOf, type Workspace } from '../workspace.ts'

/** The packages that may change a disk. Everything else asks them. */
const WRITERS: ReadonlySet<string> = new Set(['@vectra/event-store', '@vectra/vectors'])

/**
 * Files that write on a person's explicit request, and never into the data directory.
 * Each has its reason in docs/decisions/0006-who-may-write.md.
 */
const BY_REQUEST: readonly string[] = ['apps/cli/src/output-file.ts', 'packages/context-tools/src/write.ts']

const FS_MODULES: ReadonlySet<string> = new Set(['node:fs', 'node:fs/promises', 'fs', 'fs/promises'])

/** Functions of node:fs that change a disk, without their `Sync` form. `open` can, so it counts. */
const WRITES: ReadonlySet<string> = new Set(
  (
    'appendFile chmod chown copyFile cp createWriteStream fchmod fchown fdatasync fsync ftruncate futimes lchmod lchown link lutimes ' +
    'mkdir mkdtemp mkdtempDisposable open rename rm rmdir symlink truncate unlink utimes write writeFile writev'
  ).split(' '),
)

/** File-system writes only in the two packages that own a disk. Opening a file to read it is no write. */
export function fileWrites(workspace: Workspace, byRequest: readonly string[] = BY_REQUEST): Finding[] {
  const findings: Finding[] = []
  for (const module of sourcesOf(workspace)) {
    if (WRITERS.has(module.package.manifest.name) || byRequest.includes(module.path)) continue
    const report = (line: number, name: string): void => {
      findings.push({ path: module.path, line, message: advice(name) })
    }
    for (const edge of module.imports) {
      if (!FS_MODULES.has(edge.specifier) || edge.typeOnly) continue
      for (const name of edge.names) if (isWrite(name) && !isOpen(name)) report(edge.line, name)
    }
    const { namespaces, openers } = localNames(module.ast)
    for (const node of nodesOf(module.ast)) {
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && openers.has(node.expression.text)) {
        if (!opensToRead(node)) report(lineOf(node), node.expression.text)
      }
      if (!ts.isPropertyAccessExpression(node) || !isWrite(node.name.text)) continue
      const root = leftmost(node)
      if (root === undefined || !namespaces.has(root)) continue
      const called = ts.isCallExpression(node.parent) && node.parent.expression === node ? node.parent : undefined
      if (!isOpen(node.name.text) || called === undefined || !opensToRead(called)) report(lineOf(node), node.name.text)
    }
  }
  return findings
}

function isOpen(name: string): boolean {
  return name === 'open' || name === 'openSync'
}

/** `open(path)` and `open(path, 'r')` read; any other flag, or one that is computed, may write. */
function opensToRead(call: ts.CallExpression): boolean {
  const flags = call.arguments[1]
  return flags === undefined || (ts.isStringLiteralLike(flags) && flags.text === 'r')
}

function isWrite(name: string): boolean {
  return WRITES.has(name.replace(/Sync$/, ''))
}

function advice(name: string): string {
  return `${name} changes the disk; only ${[...WRITERS].join(' and ')} may. Ask one of them`
}

/** Local names that stand for all of node:fs (`import * as fs`, `import fs`, `{ promises }`), and for its `open`. */
function localNames(ast: ts.SourceFile): { namespaces: ReadonlySet<string>; openers: ReadonlySet<string> } {
  const namespaces = new Set<string>()
  const openers = new Set<string>()
  for (const statement of ast.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue
    if (!FS_MODULES.has(statement.moduleSpecifier.text)) continue
    const clause = statement.importClause
    if (clause?.name) namespaces.add(clause.name.text)
    const bindings = clause?.namedBindings
    if (bindings && ts.isNamespaceImport(bindings)) namespaces.add(bindings.name.text)
    if (!bindings || !ts.isNamedImports(bindings)) continue
    for (const item of bindings.elements) {
      const imported = (item.propertyName ?? item.name).text
      if (imported === 'promises') namespaces.add(item.name.text)
      if (isOpen(imported)) openers.add(item.name.text)
    }
  }
  return { namespaces, openers }
}

function leftmost(node: ts.PropertyAccessExpression): string | undefined {
  let expression: ts.Expression = node.expression
  while (ts.isPropertyAccessExpression(expression)) expression = expression.expression
  return ts.isIdentifier(expression) ? expression.text : undefined
}
