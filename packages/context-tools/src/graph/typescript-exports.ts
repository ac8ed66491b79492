import type { ParseResult } from 'oxc-parser'
import { type Ast, asNode, asNodes, dotted, nameOf, unwrap } from './ast.ts'
import type { ExportFact } from './facts.ts'
import type { LineIndex } from './line-index.ts'
import { firstSentence } from './signature.ts'
import type { Walked } from './typescript-walk.ts'

const KINDS: Readonly<Record<string, ExportFact['kind']>> = {
  ClassDeclaration: 'class',
  TSInterfaceDeclaration: 'interface',
  FunctionDeclaration: 'function',
  TSTypeAliasDeclaration: 'type',
  TSDeclareFunction: 'function',
}

/** Exports with their kinds, and the text of each declaration without bodies (the signature tier). */
export function exportsOf(
  parsed: ParseResult,
  walked: Walked,
  lines: LineIndex,
  text: string,
): { exports: ExportFact[]; declarations: string[] } {
  const top = declarationsOf(parsed.program as unknown as Ast)
  const exports: ExportFact[] = []
  const declarations: string[] = []
  const sources = new Map<string, { source: string; name: string }>()
  for (const statement of parsed.module.staticImports) {
    for (const entry of statement.entries) {
      sources.set(entry.localName.value, {
        source: statement.moduleRequest.value,
        name:
          (entry.importName.kind as string) === 'Name'
            ? (entry.importName.name ?? '*')
            : (entry.importName.kind as string) === 'Default'
              ? 'default'
              : '*',
      })
    }
  }
  for (const statement of parsed.module.staticExports) {
    for (const entry of statement.entries) {
      const line = lines.at(entry.start).line
      const local = entry.localName.name
      const name = entry.exportName.name ?? ((entry.exportName.kind as string) === 'Default' ? 'default' : '*')
      const through = entry.moduleRequest === null && local !== null ? sources.get(local) : undefined
      if (entry.moduleRequest !== null || through !== undefined) {
        const source = entry.moduleRequest?.value ?? through?.source ?? null
        exports.push({ name, kind: 'reexport', line, from: through?.name ?? entry.importName.name ?? '*', source })
        declarations.push(`reexport ${name} ${source}`)
        continue
      }
      const node = local === null ? undefined : top.get(local)
      exports.push({
        name,
        kind: node === undefined ? 'value' : (KINDS[node.type] ?? 'value'),
        line,
        from: local !== null && local !== name ? local : null,
        source: null,
      })
      declarations.push(node === undefined ? `export ${name}` : `export ${name} ${shape(node, text)}`)
    }
  }
  const known = new Set(exports.map((one) => one.name))
  for (const [name, line] of commonExports(parsed.program as unknown as Ast, lines)) {
    if (known.has(name)) continue
    known.add(name)
    const node = top.get(name)
    exports.push({ name, kind: node === undefined ? 'value' : (KINDS[node.type] ?? 'value'), line, from: null, source: null })
    declarations.push(`export ${name} ${node === undefined ? '' : shape(node, text)}`)
  }
  for (const name of Object.keys(walked.constants))
    if (known.has(name.split('.')[0] as string)) declarations.push(`${name}=${walked.constants[name]}`)
  return { exports, declarations }
}

/** Purpose candidate: the comment that opens the file, else that of its first exported class, function, or anything else. */
export function docOf(parsed: ParseResult, text: string): string | null {
  const body = (parsed.program as unknown as Ast)['body']
  let best: { rank: number; sentence: string } | null = null
  const comments = parsed.comments.toSorted((a, b) => a.end - b.end)
  let next = 0
  for (const node of asNodes(body)) {
    while ((comments[next]?.end ?? Number.POSITIVE_INFINITY) <= node.start) next++
    const comment = comments[next - 1]
    if (!(node.type.startsWith('Export') || node.type === 'ImportDeclaration')) continue
    if (comment?.type !== 'Block' || !comment.value.startsWith('*') || !/^\s*$/.test(text.slice(comment.end, node.start)))
      continue
    const sentence = firstSentence(comment.value)
    if (sentence === null) continue
    const kind = asNode(node['declaration'])?.type ?? node.type
    const rank = node.type === 'ImportDeclaration' ? 0 : kind === 'ClassDeclaration' ? 1 : kind === 'FunctionDeclaration' ? 2 : 3
    if (best === null || rank < best.rank) best = { rank, sentence }
  }
  return best?.sentence ?? null
}

function declarationsOf(program: Ast): Map<string, Ast> {
  const found = new Map<string, Ast>()
  for (const statement of asNodes(program['body'])) {
    const node = statement.type.startsWith('Export') ? asNode(statement['declaration']) : statement
    if (node === null) continue
    if (node.type === 'VariableDeclaration') {
      for (const one of asNodes(node['declarations'])) {
        const name = nameOf(one['id'])
        if (name !== null) found.set(name, one)
      }
    } else {
      const name = nameOf(node['id'])
      if (name !== null) found.set(name, node)
      else if (statement.type === 'ExportDefaultDeclaration') found.set('default', node)
    }
  }
  return found
}

function shape(node: Ast, text: string): string {
  const without = (from: number, to: number) => text.slice(from, to).replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '')
  const body = asNode(node['body'])
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return without(node.start, body?.start ?? node.end)
    case 'ClassDeclaration':
    case 'ClassExpression':
      return (
        without(node.start, body?.start ?? node.end) +
        asNodes(body?.['body'])
          .map((member) => memberShape(member, without))
          .join(';')
      )
    case 'VariableDeclarator': {
      const id = asNode(node['id'])
      const value = unwrap(asNode(node['init']))
      const typed = asNode(id?.['typeAnnotation'])
      if (typed !== null) return without(typed.start, typed.end)
      return value !== null && /Function|Class/.test(value.type) ? shape(value, text) : 'value'
    }
    default:
      return without(node.start, node.end)
  }
}

function memberShape(member: Ast, without: (from: number, to: number) => string): string {
  if (nameOf(member['key'])?.startsWith('#') === true || member['accessibility'] === 'private') return ''
  const value = asNode(member['value'])
  const body = asNode(value?.['body'])
  if (body !== null) return without(member.start, body.start)
  return without(member.start, value?.start ?? member.end)
}

function commonExports(program: Ast, lines: LineIndex): [string, number][] {
  const found: [string, number][] = []
  for (const statement of asNodes(program['body'])) {
    const assign = statement.type === 'ExpressionStatement' ? asNode(statement['expression']) : null
    if (assign?.type !== 'AssignmentExpression') continue
    const target = dotted(assign['left']) ?? ''
    const line = lines.at(statement.start).line
    const named = /^(?:module\.)?exports\.(.+)$/.exec(target)?.[1]
    if (named !== undefined) found.push([named, line])
    if (target !== 'module.exports') continue
    const value = unwrap(asNode(assign['right']))
    found.push(['default', line])
    for (const property of value?.type === 'ObjectExpression' ? asNodes(value['properties']) : []) {
      const name = nameOf(property['key'])
      if (name !== null) found.push([name, line])
    }
  }
  return found
}
