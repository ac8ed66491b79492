import type { Node } from 'web-tree-sitter'

/** Dotted text of a name or attribute chain; `self` and `cls` read `this`; `null` for anything computed. */
export function dottedOf(node: Node | null): string | null {
  if (node === null) return null
  if (node.type === 'identifier' || node.type === 'dotted_name')
    return node.text === 'self' || node.text === 'cls' ? 'this' : node.text
  if (node.type === 'subscript') return dottedOf(node.childForFieldName('value'))
  if (node.type !== 'attribute') return null
  const whole = plainDotted(node)
  if (whole !== null) return whole
  const object = dottedOf(node.childForFieldName('object'))
  const name = node.childForFieldName('attribute')?.text
  return object === null || name === undefined ? null : `${object}.${name}`
}

/** An attribute chain of names alone, read in one piece: asking for its nodes one by one is what costs. */
export function plainDotted(node: Node): string | null {
  const { text } = node
  return /^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)+$/u.test(text) ? text.replace(/^(?:self|cls)(?=\.)/, 'this') : null
}

/** Local name a value hangs on: `app.bus.emit` on `app`, `self.bus.x` on `this.bus`, `make().x` on `make`. */
export function rootOf(node: Node | null): string | null {
  for (let at = node; at !== null; ) {
    switch (at.type) {
      case 'identifier':
        return at.text === 'self' || at.text === 'cls' || at.text === 'super' ? 'this' : at.text
      case 'attribute': {
        const parts = plainDotted(at)?.split('.')
        if (parts !== undefined)
          return parts[0] === 'this' ? `this.${parts[1]}` : parts[0] === 'super' ? 'this' : (parts[0] as string)
        const object: Node | null = at.childForFieldName('object')
        if (object?.type === 'identifier' && (object.text === 'self' || object.text === 'cls'))
          return `this.${at.childForFieldName('attribute')?.text}`
        at = object
        break
      }
      case 'call':
        at = at.childForFieldName('function')
        break
      case 'await':
      case 'parenthesized_expression':
        at = at.namedChildren[0] ?? null
        break
      case 'subscript':
        at = at.childForFieldName('value')
        break
      case 'boolean_operator':
        at = at.childForFieldName('left')
        break
      default:
        return null
    }
  }
  return null
}

/** Content of a string literal without its quotes and prefix; `null` for an f-string with substitutions. */
export function textOfString(node: Node): string | null {
  let text = ''
  for (const child of node.namedChildren) {
    if (child?.type === 'interpolation') return null
    if (child?.type === 'string_content') text += child.text
  }
  return text
}

/** First names of every type an annotation mentions, string annotations included: `Optional["EventBus"]` gives `EventBus`. */
export function typeRoots(node: Node | null): string[] {
  if (node === null) return []
  return [...node.text.matchAll(/[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*/gu)].map(
    (match) => match[0].split('.')[0] as string,
  )
}

/** Arguments of a call, keyword ones with their name. */
export function argumentsOf(call: Node): { name: string | null; value: Node }[] {
  const list = call.childForFieldName('arguments')
  if (list === null || list.type !== 'argument_list') return []
  return list.namedChildren.flatMap((child): { name: string | null; value: Node }[] => {
    if (child === null || child.type === 'comment') return []
    if (child.type !== 'keyword_argument') return [{ name: null, value: child }]
    const value = child.childForFieldName('value')
    return value === null ? [] : [{ name: child.childForFieldName('name')?.text ?? '', value }]
  })
}
