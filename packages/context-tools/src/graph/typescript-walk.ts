import { type Ast, asNode, asNodes, dotted, nameOf, rootOf, stringOf, typeNames, unwrap } from './ast.ts'
import type { BusPatterns, CallFact, ClassFact, EventFact, ImportedName, ImportFact, TypeReference } from './facts.ts'
import type { LineIndex } from './line-index.ts'
import { Origins } from './origins.ts'

/** What a walk over the whole tree finds beside the module record. */
export interface Walked {
  readonly imports: ImportFact[]
  readonly classes: ClassFact[]
  readonly events: EventFact[]
  readonly calls: CallFact[]
  readonly conforms: TypeReference[]
  readonly members: Record<string, string[]>
  readonly constants: Record<string, string>
}

interface Pending {
  readonly root: string
  readonly line: number
  readonly passes: boolean
  readonly event: Pick<EventFact, 'kind' | 'event' | 'literal'> | null
}

/** Walks a program once and gathers classes, calls, events, constants and the imports the module record lacks. */
export function walkProgram(program: unknown, lines: LineIndex, bus: BusPatterns): Walked {
  const walk = new Walk(lines, bus)
  walk.visit(asNode(program), 0)
  return walk.finish()
}

class Walk {
  readonly #lines: LineIndex
  readonly #publish: ReadonlySet<string>
  readonly #subscribe: ReadonlySet<string>
  readonly #origins = new Origins()
  readonly #pending: Pending[] = []
  readonly #members = new Map<string, Set<string>>()
  readonly #bound = new Map<Ast, ImportedName[]>()
  readonly #out: Walked = { imports: [], classes: [], events: [], calls: [], conforms: [], members: {}, constants: {} }

  constructor(lines: LineIndex, bus: BusPatterns) {
    this.#lines = lines
    this.#publish = new Set(bus.publish)
    this.#subscribe = new Set(bus.subscribe)
  }

  /** Iterative, so that a deep tree cannot exhaust the stack. */
  visit(root: Ast | null, depth: number): void {
    const stack: [Ast, number][] = root === null ? [] : [[root, depth]]
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const [node, nested] = top
      this.#node(node, nested)
      const inner = nested + (/Function|Statement$|Arrow/.test(node.type) && node.type !== 'ExpressionStatement' ? 1 : 0)
      const children: Ast[] = []
      for (const key in node) {
        const value = node[key]
        if (typeof value !== 'object' || value === null) continue
        if (Array.isArray(value)) for (const item of value) if (asNode(item) !== null) children.push(item as Ast)
        if (asNode(value) !== null) children.push(value as Ast)
      }
      for (let at = children.length - 1; at >= 0; at--) stack.push([children[at] as Ast, inner])
    }
  }

  finish(): Walked {
    const seen = new Set<string>()
    for (const { root, line, passes, event } of this.#pending) {
      const origins = this.#origins.of(root)
      const hands = passes && event?.kind !== 'subscribe'
      if (event !== null) this.#out.events.push({ ...event, origins, line })
      for (const origin of origins) {
        const key = `${hands} ${origin}`
        if (seen.has(key)) continue
        seen.add(key)
        this.#out.calls.push({ origin, line, passes: hands })
      }
    }
    for (const [local, names] of this.#members) this.#out.members[local] = [...names].sort()
    return this.#out
  }

  #node(node: Ast, nested: number): void {
    switch (node.type) {
      case 'VariableDeclarator':
        return this.#declarator(node, nested)
      case 'AssignmentExpression':
        return this.#assign(node)
      case 'PropertyDefinition':
      case 'AccessorProperty':
        return this.#bind(`this.${nameOf(node['key'])}`, node['typeAnnotation'], node['value'])
      case 'TSParameterProperty': {
        const parameter = asNode(node['parameter'])
        const target = parameter?.type === 'AssignmentPattern' ? asNode(parameter['left']) : parameter
        return this.#bind(`this.${nameOf(target)}`, target?.['typeAnnotation'], null)
      }
      case 'Identifier':
        if (node['typeAnnotation'] != null) this.#bind(String(node['name']), node['typeAnnotation'], null)
        return
      case 'ClassDeclaration':
      case 'ClassExpression':
      case 'TSInterfaceDeclaration':
        return this.#class(node)
      case 'TSEnumDeclaration':
        return this.#enum(node)
      case 'CallExpression':
      case 'NewExpression':
        return this.#call(node, nested)
      case 'ImportExpression':
        return this.#import(node, stringOf(node['source']), 'dynamic', nested)
      case 'TSImportType': {
        const specifier = stringOf(node['source'] ?? node['argument'])
        const name = dotted(node['qualifier'])?.split('.')[0] ?? '*'
        if (specifier !== null) this.#push(node, specifier, [{ name, local: null, typeOnly: true }], 'type-reference', nested)
        return
      }
      case 'TSImportEqualsDeclaration': {
        const specifier = stringOf(asNode(node['moduleReference'])?.['expression'])
        if (specifier !== null)
          this.#push(
            node,
            specifier,
            [{ name: '*', local: nameOf(node['id']), typeOnly: node['importKind'] === 'type' }],
            'require',
            nested,
          )
        return
      }
      case 'MemberExpression':
      case 'TSQualifiedName':
        return this.#member(node)
      case 'TSSatisfiesExpression':
        return this.#conform(node['typeAnnotation'])
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return this.#function(node)
      case 'JSXOpeningElement': {
        const root = nameOf(node['name'])
        if (root !== null)
          this.#pending.push({ root, line: this.#line(node), passes: asNodes(node['attributes']).length > 0, event: null })
        return
      }
    }
  }

  #line(node: Ast): number {
    return this.#lines.at(node.start).line
  }

  #bind(name: string, annotation: unknown, value: unknown): void {
    for (const type of typeNames(annotation))
      for (const origin of [type.name, type.name.split('.')[0] as string]) this.#origins.add(name, origin)
    const object = unwrap(asNode(value))
    const made = object?.type === 'NewExpression' || object?.type === 'CallExpression' ? dotted(object['callee']) : dotted(object)
    for (const origin of [made, rootOf(value)]) if (origin !== null) this.#origins.add(name, origin)
    if (annotation != null && (object?.type === 'ObjectExpression' || object?.type === 'ArrowFunctionExpression'))
      this.#conform(annotation)
  }

  #declarator(node: Ast, nested: number): void {
    const target = asNode(node['id'])
    const value = unwrap(asNode(node['init']))
    const name = target?.type === 'Identifier' ? String(target['name']) : null
    if (name !== null) this.#bind(name, target?.['typeAnnotation'], node['init'])
    const names =
      target?.type === 'ObjectPattern' ? patternNames(target) : name === null ? [] : [{ name: '*', local: name, typeOnly: false }]
    if (value?.type === 'ImportExpression' || isRequire(value)) this.#bound.set(value as Ast, names)
    const root = target?.type === 'ObjectPattern' ? rootOf(value) : null
    if (root !== null) {
      for (const { name: used, local } of names) {
        if (local !== null) this.#origins.add(local, root)
        if (value?.type === 'Identifier') this.#members.set(root, (this.#members.get(root) ?? new Set()).add(used))
      }
    }
    if (name === null || nested > 1) return
    const literal = stringOf(value)
    if (literal !== null) this.#out.constants[name] = literal
    const object =
      value?.type === 'CallExpression' && dotted(value['callee']) === 'Object.freeze'
        ? unwrap(asNodes(value['arguments'])[0] ?? null)
        : value
    if (object?.type !== 'ObjectExpression') return
    for (const property of asNodes(object['properties'])) {
      const key = nameOf(property['key'])
      const text = stringOf(unwrap(asNode(property['value'])))
      if (key !== null && text !== null) this.#out.constants[`${name}.${key}`] = text
    }
  }

  #assign(node: Ast): void {
    const target = dotted(node['left'])
    if (target === null) return
    this.#bind(/^this\.[^.]+$/.test(target) ? target : (target.split('.')[0] as string), null, node['right'])
  }

  #class(node: Ast): void {
    const reference = (value: unknown): TypeReference[] => {
      const clause = asNode(value)
      const name = dotted(clause?.['expression'] ?? clause)
      return name === null || clause === null ? [] : [{ name, line: this.#line(clause) }]
    }
    const declared = node.type === 'TSInterfaceDeclaration'
    const mixins = superclasses(node['superClass'])
    this.#out.classes.push({
      name: nameOf(node['id']) ?? 'default',
      kind: declared ? 'interface' : 'class',
      abstract: declared || node['abstract'] === true,
      bases: declared ? asNodes(node['extends']).flatMap(reference) : mixins.flatMap(reference),
      interfaces: declared ? [] : asNodes(node['implements']).flatMap(reference),
      line: this.#line(node),
    })
    const own = nameOf(node['id'])
    for (const base of mixins) {
      const root = rootOf(base)
      if (root !== null) for (const name of ['this', own]) if (name !== null) this.#origins.add(name, root)
    }
  }

  #enum(node: Ast): void {
    const members = asNodes((asNode(node['body']) ?? node)['members'])
    for (const member of members) {
      const text = stringOf(member['initializer'])
      const key = nameOf(member['id'])
      if (text !== null && key !== null) this.#out.constants[`${nameOf(node['id'])}.${key}`] = text
    }
  }

  #call(node: Ast, nested: number): void {
    if (isRequire(node)) return this.#import(node, stringOf(asNodes(node['arguments'])[0]), 'require', nested)
    const callee = unwrap(asNode(node['callee']))
    const root = rootOf(callee)
    if (callee === null || root === null) return
    const args = asNodes(node['arguments'])
    const method =
      callee.type === 'MemberExpression'
        ? nameOf(callee['property'])
        : callee.type === 'Identifier'
          ? String(callee['name'])
          : null
    const kind =
      node.type === 'NewExpression' || method === null
        ? null
        : this.#publish.has(method)
          ? 'publish'
          : this.#subscribe.has(method)
            ? 'subscribe'
            : null
    const receiver = callee.type === 'MemberExpression' ? rootOf(callee['object']) : root
    const event = kind === null ? null : ({ kind, ...eventOf(args[0]) } as const)
    this.#pending.push({ root: receiver ?? root, line: this.#line(node), passes: args.length > 0, event })
  }

  #import(node: Ast, specifier: string | null, kind: 'dynamic' | 'require', nested: number): void {
    if (specifier === null) return
    this.#push(node, specifier, this.#bound.get(node) ?? [{ name: '*', local: null, typeOnly: false }], kind, nested)
  }

  #push(node: Ast, specifier: string, names: readonly ImportedName[], kind: ImportFact['kind'], nested: number): void {
    const typeOnly = names.length > 0 && names.every((name) => name.typeOnly)
    this.#out.imports.push({ specifier, names, kind, typeOnly, conditional: nested > 1, ...this.#lines.at(node.start) })
  }

  #member(node: Ast): void {
    const inner = unwrap(asNode(node['object'] ?? node['left']))
    const name = nameOf(node['property'] ?? node['right'])
    if (name === null || inner === null || node['computed'] === true) return
    if (inner.type === 'Identifier') {
      const local = String(inner['name'])
      const known = this.#members.get(local) ?? new Set<string>()
      if (known.size < 200) this.#members.set(local, known.add(name))
    } else if (inner.type === 'ImportExpression' || isRequire(inner)) {
      this.#bound.set(inner, [{ name, local: null, typeOnly: false }])
    }
  }

  #conform(annotation: unknown): void {
    for (const { name, start } of typeNames(annotation)) this.#out.conforms.push({ name, line: this.#lines.at(start).line })
  }

  #function(node: Ast): void {
    const body = asNode(node['body'])
    if (node['returnType'] == null || body === null) return
    const statements = body.type === 'BlockStatement' ? asNodes(body['body']) : []
    const returned =
      body.type === 'BlockStatement'
        ? statements.filter((one) => one.type === 'ReturnStatement').map((one) => unwrap(asNode(one['argument'])))
        : [unwrap(body)]
    if (returned.some((value) => value?.type === 'ObjectExpression' || value?.type === 'NewExpression'))
      this.#conform(node['returnType'])
  }
}

function isRequire(node: Ast | null): boolean {
  return (
    node?.type === 'CallExpression' &&
    ['require', 'require.resolve'].includes(dotted(node['callee']) ?? '') &&
    asNodes(node['arguments']).length === 1
  )
}

function patternNames(pattern: Ast): ImportedName[] {
  return asNodes(pattern['properties']).flatMap((property) => {
    const name = nameOf(property['key'])
    const value = asNode(property['value'])
    const local = nameOf(value?.type === 'AssignmentPattern' ? value['left'] : value)
    return name === null ? [] : [{ name, local, typeOnly: false }]
  })
}

/** `extends A`, and every class handed to a mixin: `extends Mixin(A, B)`. */
function superclasses(value: unknown): Ast[] {
  const node = unwrap(asNode(value))
  if (node === null) return []
  if (node.type !== 'CallExpression') return [node]
  return [asNode(node['callee']), ...asNodes(node['arguments'])].filter((one): one is Ast => one !== null && dotted(one) !== null)
}

function eventOf(argument: Ast | undefined): Pick<EventFact, 'event' | 'literal'> {
  const node = unwrap(argument ?? null)
  const text = stringOf(node)
  if (text !== null) return { event: text, literal: true }
  if (node?.type === 'ObjectExpression') {
    const property = asNodes(node['properties']).find((one) =>
      ['type', 'event', 'name', 'kind'].includes(nameOf(one['key']) ?? ''),
    )
    return property === undefined ? { event: null, literal: false } : eventOf(asNode(property['value']) ?? undefined)
  }
  const reference = node?.type === 'NewExpression' ? dotted(node['callee']) : dotted(node)
  return { event: reference, literal: false }
}
