/** A syntax node of the TypeScript parser, read structurally: the walk only needs these fields. */
export interface Ast {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** The value as a node, when it is one. */
export function asNode(value: unknown): Ast | null {
  return typeof value === 'object' && value !== null && typeof (value as Ast).type === 'string' ? (value as Ast) : null
}

/** The nodes of a list, holes left out. */
export function asNodes(value: unknown): Ast[] {
  return Array.isArray(value) ? value.map(asNode).filter((node) => node !== null) : []
}

const WRAPPERS = new Set([
  'AwaitExpression',
  'ChainExpression',
  'ParenthesizedExpression',
  'TSAsExpression',
  'TSNonNullExpression',
  'TSSatisfiesExpression',
  'TSTypeAssertion',
  'UnaryExpression',
])

/** Strips `await`, parentheses, `as`, `!` and `satisfies`. */
export function unwrap(node: Ast | null): Ast | null {
  let at = node
  while (at !== null && WRAPPERS.has(at.type)) at = asNode(at['expression'] ?? at['argument'])
  return at
}

/** Name of an identifier, `#private` name or string key. */
export function nameOf(value: unknown): string | null {
  const node = asNode(value)
  if (node === null) return null
  if (node.type === 'Identifier' || node.type === 'JSXIdentifier') return String(node['name'])
  if (node.type === 'PrivateIdentifier') return `#${String(node['name'])}`
  return stringOf(node)
}

/** Value of a string literal or of a template without substitutions. */
export function stringOf(value: unknown): string | null {
  const node = asNode(value)
  if (node === null) return null
  if (node.type === 'Literal') return typeof node['value'] === 'string' ? node['value'] : null
  if (node.type !== 'TemplateLiteral' || asNodes(node['expressions']).length > 0) return null
  const cooked = (asNodes(node['quasis'])[0]?.['value'] as { cooked?: unknown } | undefined)?.cooked
  return typeof cooked === 'string' ? cooked : null
}

/** Dotted text of an identifier or member chain (`a.b.C`), `null` for anything computed. */
export function dotted(value: unknown): string | null {
  const node = unwrap(asNode(value))
  if (node === null) return null
  if (node.type === 'Identifier') return String(node['name'])
  if (node.type === 'ThisExpression') return 'this'
  const [left, right] = node.type === 'TSQualifiedName' ? [node['left'], node['right']] : [node['object'], node['property']]
  if ((node.type !== 'MemberExpression' && node.type !== 'TSQualifiedName') || node['computed'] === true) return null
  const head = dotted(left)
  const tail = nameOf(right)
  return head === null || tail === null ? null : `${head}.${tail}`
}

/** Local name a value hangs on: `app.bus.emit` hangs on `app`, `this.bus.x` on `this.bus`, `make().x` on `make`. */
export function rootOf(value: unknown): string | null {
  const node = unwrap(asNode(value))
  if (node === null) return null
  switch (node.type) {
    case 'Identifier':
      return String(node['name'])
    case 'ThisExpression':
    case 'Super':
      return 'this'
    case 'MemberExpression': {
      const object = unwrap(asNode(node['object']))
      const name = nameOf(node['property'])
      if (object?.type === 'ThisExpression' && node['computed'] !== true && name !== null) return `this.${name}`
      return rootOf(object)
    }
    case 'CallExpression':
    case 'NewExpression':
      return rootOf(node['callee'])
    default:
      return null
  }
}

/** Name of the type an annotation refers to, through `Promise<T>`, `Readonly<T>`, arrays and unions with null. */
export function typeNames(value: unknown, depth = 0): { name: string; start: number }[] {
  const node = asNode(value)
  if (node === null || depth > 6) return []
  switch (node.type) {
    case 'TSTypeAnnotation':
      return typeNames(node['typeAnnotation'], depth + 1)
    case 'TSArrayType':
      return typeNames(node['elementType'], depth + 1)
    case 'TSTypeOperator':
      return typeNames(node['typeAnnotation'], depth + 1)
    case 'TSUnionType':
    case 'TSIntersectionType':
      return asNodes(node['types']).flatMap((type) => typeNames(type, depth + 1))
    case 'TSTypeReference': {
      const name = dotted(node['typeName'])
      const inner = asNodes((asNode(node['typeArguments']) ?? node)['params'])
      const wraps = name !== null && /^(Promise|Readonly|Partial|Required|AsyncIterable|Iterable|Array|ReadonlyArray)$/.test(name)
      if (wraps) return inner.flatMap((type) => typeNames(type, depth + 1))
      return name === null ? [] : [{ name, start: node.start }]
    }
    default:
      return []
  }
}
