import ts from 'typescript'
import { type Finding, lineOf, nodesOf, sourcesOf, type Workspace } from '../workspace.ts'

/** Packages through which money flows. What apps print about times and sizes is not money. */
const MONEY: ReadonlySet<string> = new Set(['@vectra/schemas', '@vectra/game', '@vectra/event-store', '@vectra/ingest'])

/** Whether the expression is a `number` (a `Decimal` has a `toFixed` too, and that one is exact). */
export type IsNumber = (expression: ts.Expression) => boolean

/**
 * Money is never a float: `parseFloat` nowhere in the sources, and `toFixed` on a `number` nowhere where money flows.
 *
 * @param isNumber asked only for receivers of `.toFixed` in those packages
 */
export function exactMoney(workspace: Workspace, isNumber: IsNumber): Finding[] {
  const findings: Finding[] = []
  for (const module of sourcesOf(workspace)) {
    for (const node of nodesOf(module.ast)) {
      if (!ts.isCallExpression(node)) continue
      if (isParseFloat(node.expression))
        findings.push({ path: module.path, line: lineOf(node), message: 'parseFloat; use toDecimal' })
      if (!MONEY.has(module.package.manifest.name) || !ts.isPropertyAccessExpression(node.expression)) continue
      if (node.expression.name.text === 'toFixed' && isNumber(node.expression.expression)) {
        findings.push({ path: module.path, line: lineOf(node), message: 'toFixed on a number; money is a Decimal' })
      }
    }
  }
  return findings
}

/** Answers by the type checker, over one program of all the files given. */
export function typeOracle(root: string, options: ts.CompilerOptions, workspace: Workspace): IsNumber {
  const files = sourcesOf(workspace)
    .filter((module) => MONEY.has(module.package.manifest.name) && module.ast.text.includes('.toFixed('))
    .map((module) => `${root}/${module.path}`)
  const program = ts.createProgram(files, options)
  const checker = program.getTypeChecker()
  return (expression) => {
    const { fileName } = expression.getSourceFile()
    const source = program.getSourceFile(`${root}/${fileName}`)
    if (source === undefined) return true
    for (const node of nodesOf(source)) {
      if (node.pos !== expression.pos || node.end !== expression.end || node.kind !== expression.kind) continue
      return (checker.getTypeAtLocation(node).flags & ts.TypeFlags.NumberLike) !== 0
    }
    return true
  }
}

function isParseFloat(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return callee.text === 'parseFloat'
  return ts.isPropertyAccessExpression(callee) && callee.getText() === 'Number.parseFloat'
}
