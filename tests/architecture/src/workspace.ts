import ts from 'typescript'

/** Manifest fields that the rules look at. */
export interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/** One workspace package: where it lives and what it declares. */
export interface WorkspacePackage {
  /** Folder relative to the repository, e.g. `packages/event-store`. */
  readonly dir: string
  readonly manifest: Manifest
}

/** How one module names another. */
export interface ImportEdge {
  readonly specifier: string
  /** Path of the target inside the repository; undefined for a package or a builtin. */
  readonly target: string | undefined
  /** Names taken from the target; `*` for a namespace, `default` for a default import. */
  readonly names: readonly string[]
  /** True when the import vanishes at run time. */
  readonly typeOnly: boolean
  readonly line: number
}

/** One TypeScript file of a package. */
export interface SourceModule {
  /** Path relative to the repository, with `/`. */
  readonly path: string
  readonly package: WorkspacePackage
  /** First folder inside the package: `src`, `test`, `bench`, or empty for config files. */
  readonly area: string
  readonly ast: ts.SourceFile
  readonly imports: readonly ImportEdge[]
}

/** The repository as the rules see it: texts by path, and what follows from them. */
export interface Workspace {
  readonly files: ReadonlyMap<string, string>
  readonly packages: readonly WorkspacePackage[]
  readonly modules: readonly SourceModule[]
}

/** One broken rule, at one place. */
export interface Finding {
  readonly path: string
  readonly line: number
  readonly message: string
}

/** A rule is a pure function of the repository, so that a test can hand it a bad one. */
export type Rule = (workspace: Workspace) => Finding[]

/** Builds the model from file texts: the whole repository, or the few lines of a bad example. */
export function workspaceOf(files: ReadonlyMap<string, string>): Workspace {
  const packages = [...files]
    .filter(([path]) => /^(packages|apps)\/[^/]+\/package\.json$/.test(path))
    .map(([path, text]) => ({ dir: path.replace(/\/package\.json$/, ''), manifest: JSON.parse(text) as Manifest }))
  const modules: SourceModule[] = []
  for (const [path, text] of files) {
    if (!/\.tsx?$/.test(path) || path.endsWith('.d.ts')) continue
    const owner = packages.find(({ dir }) => path.startsWith(`${dir}/`))
    if (owner === undefined) continue
    const ast = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
    const inside = path.slice(owner.dir.length + 1)
    const area = inside.includes('/') ? inside.slice(0, inside.indexOf('/')) : ''
    modules.push({ path, package: owner, area, ast, imports: importsOf(ast, path, files) })
  }
  return { files, packages, modules }
}

/** Source modules only: what is published. Tests and benchmarks may reach further. */
export function sourcesOf(workspace: Workspace): SourceModule[] {
  return workspace.modules.filter((module) => module.area === 'src')
}

/** Every node of a module, depth first. */
export function* nodesOf(ast: ts.SourceFile): Generator<ts.Node> {
  const pending: ts.Node[] = [ast]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    yield node
    node.forEachChild((child) => {
      pending.push(child)
    })
  }
}

/** 1-based line of a node. */
export function lineOf(node: ts.Node): number {
  const ast = node.getSourceFile()
  return ast.getLineAndCharacterOfPosition(node.getStart(ast)).line + 1
}

function importsOf(ast: ts.SourceFile, path: string, files: ReadonlyMap<string, string>): ImportEdge[] {
  const edges: ImportEdge[] = []
  const add = (specifier: ts.Expression, names: readonly string[], typeOnly: boolean): void => {
    if (!ts.isStringLiteralLike(specifier)) return
    edges.push({
      specifier: specifier.text,
      target: resolve(path, specifier.text, files),
      names,
      typeOnly,
      line: lineOf(specifier),
    })
  }
  for (const node of nodesOf(ast)) {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, importedNames(node.importClause), importIsTypeOnly(node.importClause))
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      const elements = node.exportClause && ts.isNamedExports(node.exportClause) ? node.exportClause.elements : undefined
      const typeOnly = node.isTypeOnly || elements?.every((element) => element.isTypeOnly) === true
      add(node.moduleSpecifier, elements?.map((element) => (element.propertyName ?? element.name).text) ?? ['*'], typeOnly)
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && node.arguments[0]) {
      add(node.arguments[0], ['*'], false)
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal as ts.Expression, ['*'], true)
    }
  }
  return edges
}

function importIsTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const named = clause.namedBindings
  if (clause.name !== undefined || named === undefined || !ts.isNamedImports(named)) return false
  return named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly)
}

function importedNames(clause: ts.ImportClause | undefined): string[] {
  if (clause === undefined) return []
  const names = clause.name ? ['default'] : []
  const bindings = clause.namedBindings
  if (bindings === undefined) return names
  if (ts.isNamespaceImport(bindings)) return [...names, '*']
  return [...names, ...bindings.elements.filter((item) => !item.isTypeOnly).map((item) => (item.propertyName ?? item.name).text)]
}

/** Relative imports carry their extension here, so resolving is joining; `@vectra/x` goes to its index. */
function resolve(from: string, specifier: string, files: ReadonlyMap<string, string>): string | undefined {
  if (specifier.startsWith('.')) {
    const parts = from.split('/').slice(0, -1)
    for (const part of specifier.split('/')) {
      if (part === '..') parts.pop()
      else if (part !== '.') parts.push(part)
    }
    return parts.join('/')
  }
  const own = /^@vectra\/([^/]+)$/.exec(specifier)
  if (own === null) return undefined
  return ['packages', 'apps'].map((group) => `${group}/${own[1]}/src/index.ts`).find((path) => files.has(path))
}
