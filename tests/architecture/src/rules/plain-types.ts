import ts from 'typescript'
import { type Finding, lineOf, nodesOf, type SourceModule, type Workspace } from '../workspace.ts'

const VAGUE_NAME = /(^|[-/])(utils?|helpers?|common|manager|misc)([-./]|$)/

/** Holds in sources, tests and benchmarks: no `any`, nothing that switches the type checker off, no vague file names. */
export function plainTypes(workspace: Workspace): Finding[] {
  const findings: Finding[] = []
  for (const module of workspace.modules) {
    const report = (line: number, message: string): void => {
      findings.push({ path: module.path, line, message })
    }
    if (VAGUE_NAME.test(module.path.slice(module.package.dir.length))) report(1, 'the file name says nothing; name what it holds')
    for (const node of nodesOf(module.ast)) {
      if (node.kind === ts.SyntaxKind.AnyKeyword) report(lineOf(node), '`any`; use `unknown` and narrow it')
    }
    for (const line of suppressions(module.ast)) report(line, 'a comment switches the type checker off')
  }
  return findings
}

/** Holds in sources: named exports only (settings files of tools need a default one and are no sources). */
export function noDefaultExports(workspace: Workspace): Finding[] {
  const findings: Finding[] = []
  for (const module of workspace.modules.filter((item) => item.area === 'src')) {
    for (const statement of module.ast.statements) {
      if (isDefaultExport(statement))
        findings.push({ path: module.path, line: lineOf(statement), message: 'default export; name it' })
    }
  }
  return findings
}

/** Holds in sources: every exported declaration says what it is, in a docstring. */
export function exportsDocumented(workspace: Workspace): Finding[] {
  const findings: Finding[] = []
  for (const module of workspace.modules.filter((item) => item.area === 'src')) {
    const seen = new Set<string>()
    for (const statement of module.ast.statements) {
      const name = exportedName(statement)
      if (name === undefined || seen.has(name)) continue
      seen.add(name)
      if (!hasDocstring(module, statement)) {
        findings.push({ path: module.path, line: lineOf(statement), message: `export ${name} has no docstring` })
      }
    }
  }
  return findings
}

function isDefaultExport(statement: ts.Statement): boolean {
  if (ts.isExportAssignment(statement)) return true
  if (ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)) {
    return statement.exportClause.elements.some((element) => element.name.text === 'default')
  }
  return modifiers(statement).some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword)
}

function exportedName(statement: ts.Statement): string | undefined {
  if (!modifiers(statement).some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)) return undefined
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map((item) => item.name.getText()).join(', ')
  const { name } = statement as ts.Statement & { name?: ts.Identifier }
  return name?.text
}

/** One docstring may stand over a group: exports that follow it without an empty line, a type next to its constant. */
function hasDocstring(module: SourceModule, statement: ts.Statement): boolean {
  if (ts.getJSDocCommentsAndTags(statement).length > 0) return true
  const before = module.ast.statements[module.ast.statements.indexOf(statement) - 1]
  if (before === undefined || exportedName(before) === undefined) return false
  const between = module.ast.text.slice(before.end, statement.getStart())
  if (between.trim() !== '' || (!ts.isTypeAliasDeclaration(statement) && /\n\s*\n/.test(between))) return false
  return hasDocstring(module, before)
}

function modifiers(statement: ts.Statement): readonly ts.ModifierLike[] {
  return ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : []
}

function suppressions(ast: ts.SourceFile): number[] {
  return ast.text.split('\n').flatMap((line, index) => (/(?:\/\/|\/\*)\s*@ts-(ignore|nocheck)\b/.test(line) ? [index + 1] : []))
}
