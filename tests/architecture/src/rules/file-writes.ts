import ts from 'typescript'
import { type Finding, lineOf, nodesOf, sourcesOf, type Workspace } from '../workspace.ts'

/** The packages that may change a disk. Everything else asks them. */
const WRITERS: ReadonlySet<string> = new Set(['@vectra/event-store', '@vectra/vectors'])

/**
 * Files that write on a person's explicit request, and never into the data directory.
 * Each has its reason in docs/decisions/0006-who-may-write.md.
 */
const BY_REQUEST: readonly string[] = []

const FS_MODULES: ReadonlySet<string> = new Set(['node:fs', 'node:fs/promises', 'fs', 'fs/promises'])

/** Functions of node:fs that change a disk, without their `Sync` form. `open` can, so it counts. */
const WRITES: ReadonlySet<string> = new Set(
  (
    'appendFile chmod chown copyFile cp createWriteStream fchmod fchown fdatasync fsync ftruncate futimes lchmod lchown link lutimes ' +
    'mkdir mkdtemp mkdtempDisposable open rename rm rmdir symlink truncate unlink utimes write writeFile writev'
  ).split(' '),
)

/** File-system writes only in the two packages that own a disk. */
export function fileWrites(workspace: Workspace, byRequest: readonly string[] = BY_REQUEST): Finding[] {
  const findings: Finding[] = []
  for (const module of sourcesOf(workspace)) {
    if (WRITERS.has(module.package.manifest.name) || byRequest.includes(module.path)) continue
    const namespaces = new Set<string>()
    for (const edge of module.imports) {
      if (!FS_MODULES.has(edge.specifier) || edge.typeOnly) continue
      for (const name of edge.names) {
        if (isWrite(name)) findings.push({ path: module.path, line: edge.line, message: advice(name) })
      }
    }
    for (const name of fsNamespaces(module.ast)) namespaces.add(name)
    for (const node of nodesOf(module.ast)) {
      if (!ts.isPropertyAccessExpression(node) || !isWrite(node.name.text)) continue
      const root = leftmost(node)
      if (root !== undefined && namespaces.has(root))
        findings.push({ path: module.path, line: lineOf(node), message: advice(node.name.text) })
    }
  }
  return findings
}

function isWrite(name: string): boolean {
  return WRITES.has(name.replace(/Sync$/, ''))
}

function advice(name: string): string {
  return `${name} changes the disk; only ${[...WRITERS].join(' and ')} may. Ask one of them`
}

/** Local names that stand for all of node:fs: `import * as fs`, `import fs`, `const { promises } = fs` is caught at `fs.`. */
function fsNamespaces(ast: ts.SourceFile): string[] {
  const names: string[] = []
  for (const statement of ast.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue
    if (!FS_MODULES.has(statement.moduleSpecifier.text)) continue
    const clause = statement.importClause
    if (clause?.name) names.push(clause.name.text)
    const bindings = clause?.namedBindings
    if (bindings && ts.isNamespaceImport(bindings)) names.push(bindings.name.text)
    if (bindings && ts.isNamedImports(bindings)) {
      for (const item of bindings.elements) if ((item.propertyName ?? item.name).text === 'promises') names.push(item.name.text)
    }
  }
  return names
}

function leftmost(node: ts.PropertyAccessExpression): string | undefined {
  let expression: ts.Expression = node.expression
  while (ts.isPropertyAccessExpression(expression)) expression = expression.expression
  return ts.isIdentifier(expression) ? expression.text : undefined
}
