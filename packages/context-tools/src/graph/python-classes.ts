import type { Node } from 'web-tree-sitter'
import type { ClassFact, TypeReference } from './facts.ts'
import { argumentsOf, dottedOf } from './python-names.ts'

const ABSTRACT = /^(?:(?:abc|typing|typing_extensions|t)\.)?(?:ABC|ABCMeta|Protocol)$/

/** A class statement: its bases, and whether it is an ABC, a Protocol or has abstract methods. */
export function classOf(node: Node): ClassFact {
  const list = node.childForFieldName('superclasses')
  const given = list === null ? [] : list.namedChildren.filter((child) => child !== null && child.type !== 'comment')
  const bases: TypeReference[] = []
  let abstract = false
  for (const child of given) {
    if (child === null) continue
    const value =
      child.type === 'keyword_argument'
        ? child.childForFieldName('value')
        : child.type === 'call'
          ? child.childForFieldName('function')
          : child
    const name = dottedOf(value)
    if (name === null) continue
    if (ABSTRACT.test(name)) abstract = true
    if (child.type === 'keyword_argument') continue
    bases.push({ name, line: child.startPosition.row + 1 })
    if (child.type === 'call')
      for (const arg of argumentsOf(child)) {
        const inner = dottedOf(arg.value)
        if (inner !== null) bases.push({ name: inner, line: child.startPosition.row + 1 })
      }
  }
  const body = node.childForFieldName('body')
  abstract ||= (body?.namedChildren ?? []).some(
    (member) =>
      member?.type === 'decorated_definition' &&
      member.namedChildren.some(
        (child) => child?.type === 'decorator' && /\babstract(?:method|property|classmethod|staticmethod)\b/.test(child.text),
      ),
  )
  const protocol = bases.some((base) => /(^|\.)Protocol$/.test(base.name))
  return {
    name: node.childForFieldName('name')?.text ?? '',
    kind: protocol ? 'interface' : 'class',
    abstract,
    bases,
    interfaces: [],
    line: node.startPosition.row + 1,
  }
}

/** The head of a `class` or `def` statement: everything before the colon that opens its body. */
export function header(node: Node): string {
  const body = node.childForFieldName('body')
  return body === null ? node.text : node.text.slice(0, body.startIndex - node.startIndex).replace(/#[^\n]*/g, '')
}
