import type { Node } from 'web-tree-sitter'
import type { BusPatterns, CallFact, ClassFact, EventFact, ExportFact, FileFacts, ImportFact } from './facts.ts'
import { Origins } from './origins.ts'
import { classOf, header } from './python-classes.ts'
import { importsOfNode } from './python-imports.ts'
import { argumentsOf, dottedOf, rootOf, textOfString, typeRoots } from './python-names.ts'
import { firstSentence, reasonsIn, signatureOf } from './signature.ts'

/** Where in the file the walk stands. */
export interface Place {
  /** Inside `if`, `try`, a loop or a function. */
  readonly conditional: boolean
  /** Inside `if TYPE_CHECKING:`. */
  readonly typing: boolean
  /** Inside a function: what is bound here is not importable. */
  readonly local: boolean
  /** Class whose body this is. */
  readonly owner: string | null
}

const CONDITIONAL = new Set([
  'if_statement',
  'try_statement',
  'for_statement',
  'while_statement',
  'with_statement',
  'match_statement',
  'function_definition',
  'lambda',
])

/** Node types that carry facts or change what lies inside them. */
const LOUD = [
  ...CONDITIONAL,
  'ERROR',
  'string',
  'import_statement',
  'import_from_statement',
  'future_import_statement',
  'class_definition',
  'typed_parameter',
  'typed_default_parameter',
  'assignment',
  'as_pattern',
  'attribute',
  'call',
]

/** Query that captures those nodes in one call: stepping through a tree node by node costs several times as much. */
export const PYTHON_QUERY = `[${LOUD.map((type) => `(${type})`).join(' ')}] @node`

interface Open {
  readonly end: number
  /** Place of what lies inside; `null` when nothing in there matters. */
  readonly inner: Place | null
  /** Stretch that only a type checker reads. */
  readonly typing: { readonly start: number; readonly end: number } | null
}

/**
 * Gathers the facts of a Python module.
 *
 * @param nodes the captures of {@link PYTHON_QUERY}, parents before children
 */
export function walkPython(root: Node, nodes: readonly Node[], bus: BusPatterns): FileFacts {
  const walk = new Walk(bus)
  const open: Open[] = [
    { end: Number.POSITIVE_INFINITY, inner: { conditional: false, typing: false, local: false, owner: null }, typing: null },
  ]
  for (const node of nodes) {
    const start = node.startIndex
    while ((open.at(-1) as Open).end <= start) open.pop()
    const { inner: around, typing } = open.at(-1) as Open
    if (around === null) {
      open.push({ end: node.endIndex, inner: null, typing: null })
      continue
    }
    const place = typing !== null && start >= typing.start && start < typing.end ? { ...around, typing: true } : around
    const inner = walk.enter(node, place)
    open.push({ end: node.endIndex, inner, typing: node.type === 'if_statement' ? typingBranch(node) : null })
  }
  return walk.finish(root)
}

/** The block that only a type checker reads. */
function typingBranch(statement: Node): Open['typing'] {
  const condition = statement.childForFieldName('condition')?.text ?? ''
  if (!/^(typing\.|t\.)?TYPE_CHECKING$/.test(condition)) return null
  const block = statement.childForFieldName('consequence')
  return block === null ? null : { start: block.startIndex, end: block.endIndex }
}

class Walk {
  readonly #publish: ReadonlySet<string>
  readonly #subscribe: ReadonlySet<string>
  readonly #origins = new Origins()
  readonly #imports: ImportFact[] = []
  readonly #exports = new Map<string, ExportFact>()
  readonly #classes: ClassFact[] = []
  readonly #constants: Record<string, string> = {}
  readonly #members = new Map<string, Set<string>>()
  readonly #declarations: string[] = []
  readonly #pending: {
    callee: string
    root: string
    line: number
    passes: boolean
    event: Pick<EventFact, 'kind' | 'event' | 'literal'> | null
  }[] = []
  #errors = 0

  constructor(bus: BusPatterns) {
    this.#publish = new Set(bus.publish)
    this.#subscribe = new Set(bus.subscribe)
  }

  /** Takes what one node says; `null` stops the descent. */
  enter(node: Node, place: Place): Place | null {
    const inner = CONDITIONAL.has(node.type) ? { ...place, conditional: true } : place
    switch (node.type) {
      case 'ERROR':
        this.#errors++
        return inner
      case 'string':
        return node.namedChildren.some((child) => child?.type === 'interpolation') ? inner : null
      case 'import_statement':
      case 'import_from_statement':
      case 'future_import_statement':
        this.#import(node, place)
        return null
      case 'class_definition':
        return { ...inner, owner: this.#class(node, place) }
      case 'function_definition':
        this.#function(node, place)
        return { ...inner, local: true, owner: null }
      case 'typed_parameter':
      case 'typed_default_parameter': {
        const name = (node.childForFieldName('name') ?? node.namedChildren[0])?.text
        if (name !== undefined) for (const type of typeRoots(node.childForFieldName('type'))) this.#origins.add(name, type)
        return inner
      }
      case 'assignment':
        this.#assign(node, place)
        return inner
      case 'as_pattern': {
        const alias = node.childForFieldName('alias')?.text
        const root = rootOf(node.namedChildren[0] ?? null)
        if (alias !== undefined && root !== null) this.#origins.add(alias, root)
        return inner
      }
      case 'attribute': {
        const whole = dottedOf(node)
        const dot = whole?.lastIndexOf('.') ?? -1
        const [object, name] = whole === null || dot < 0 ? [null, undefined] : [whole.slice(0, dot), whole.slice(dot + 1)]
        if (object !== null && name !== undefined) this.#members.set(object, (this.#members.get(object) ?? new Set()).add(name))
        return inner
      }
      case 'call':
        this.#call(node, inner)
        return inner
      default:
        return inner
    }
  }

  finish(root: Node): FileFacts {
    const locals = new Set(this.#imports.flatMap((one) => one.names.map((name) => name.local).filter((name) => name !== null)))
    const events: EventFact[] = []
    const calls = new Map<string, CallFact>()
    for (const { callee, root: start, line, passes, event } of this.#pending) {
      const origins = [
        ...this.#origins.of(start),
        ...prefixes(callee).filter((prefix) => prefix.includes('.') && locals.has(prefix)),
      ]
      if (event !== null) events.push({ ...event, origins, line })
      const hands = passes && event?.kind !== 'subscribe'
      for (const origin of origins)
        if (!calls.has(`${hands} ${origin}`)) calls.set(`${hands} ${origin}`, { origin, line, passes: hands })
    }
    const first = root.namedChildren.find((child) => child !== null && child.type !== 'comment')
    const docstring =
      first?.type === 'expression_statement' && first.namedChildren[0]?.type === 'string'
        ? textOfString(first.namedChildren[0])
        : null
    return {
      language: 'python',
      imports: this.#imports,
      exports: [...this.#exports.values()],
      classes: this.#classes,
      events,
      calls: [...calls.values()],
      conforms: [],
      members: Object.fromEntries([...this.#members].map(([name, used]) => [name, [...used].sort()])),
      constants: this.#constants,
      signature: signatureOf(this.#declarations),
      doc: docstring === null ? null : firstSentence(docstring),
      reasons: reasonsIn([...root.text.matchAll(/"""([\s\S]*?)"""/g)].map((match) => match[1] as string)),
      errors: this.#errors,
    }
  }

  #export(name: string, kind: ExportFact['kind'], node: Node, from: string | null = null, source: string | null = null): void {
    const known = this.#exports.get(name)
    if (known === undefined || known.kind === 'reexport')
      this.#exports.set(name, { name, kind, line: node.startPosition.row + 1, from, source })
  }

  #import(node: Node, place: Place): void {
    for (const fact of importsOfNode(node, place)) {
      this.#imports.push(fact)
      if (place.local) continue
      for (const { name, local } of fact.names) {
        if (name === '*' && local === null)
          this.#exports.set(`* ${fact.specifier}`, {
            name: '*',
            kind: 'reexport',
            line: fact.line,
            from: '*',
            source: fact.specifier,
          })
        else if (local !== null && !local.includes('.')) this.#export(local, 'reexport', node, name, fact.specifier)
      }
    }
  }

  #class(node: Node, place: Place): string {
    const fact = classOf(node)
    this.#classes.push(fact)
    for (const base of fact.bases)
      for (const name of ['this', fact.name]) this.#origins.add(name, base.name.split('.')[0] as string)
    if (!place.local && place.owner === null) {
      this.#export(fact.name, fact.kind === 'interface' ? 'interface' : 'class', node)
      this.#declarations.push(header(node))
    }
    return fact.name
  }

  #function(node: Node, place: Place): void {
    const name = node.childForFieldName('name')?.text ?? ''
    if (place.local) return
    if (place.owner === null) this.#export(name, 'function', node)
    if (!name.startsWith('_') || name.startsWith('__')) this.#declarations.push(`${place.owner ?? ''}.${header(node)}`)
    const result = typeRoots(node.childForFieldName('return_type'))
    for (const type of result) this.#origins.add(name, type)
  }

  #assign(node: Node, place: Place): void {
    const left = node.childForFieldName('left')
    const right = node.childForFieldName('right')
    if (left === null) return
    const target = left.type === 'identifier' ? left.text : rootOf(left)
    if (target !== null) {
      const root = rootOf(right)
      if (root !== null) this.#origins.add(target, root)
      for (const type of typeRoots(node.childForFieldName('type'))) this.#origins.add(target, type)
    }
    if (place.local) return
    const names =
      left.type === 'identifier'
        ? [left.text]
        : left.namedChildren.flatMap((child) =>
            child?.type === 'identifier' && /pattern|list|tuple/.test(left.type) ? [child.text] : [],
          )
    const literal = right?.type === 'string' ? textOfString(right) : null
    for (const name of names) {
      const full = place.owner === null ? name : `${place.owner}.${name}`
      if (literal !== null && names.length === 1) this.#constants[full] = literal
      if (place.owner === null) this.#export(name, 'value', node)
      if (!name.startsWith('_'))
        this.#declarations.push(`${full}: ${node.childForFieldName('type')?.text ?? ''} ${literal ?? ''}`)
    }
  }

  #call(node: Node, place: Place): void {
    const callee = node.childForFieldName('function')
    const root = rootOf(callee)
    if (callee === null || root === null) return
    const args = argumentsOf(node)
    const text = dottedOf(callee) ?? root
    const method =
      callee.type === 'attribute'
        ? callee.childForFieldName('attribute')?.text
        : callee.type === 'identifier'
          ? callee.text
          : undefined
    const line = node.startPosition.row + 1
    const specifier =
      args[0]?.value.type === 'string' && /^(importlib\.import_module|import_module|__import__)$/.test(text)
        ? textOfString(args[0].value)
        : null
    if (specifier !== null) {
      const names = [{ name: '*', local: null, typeOnly: false }]
      this.#imports.push({
        specifier,
        names,
        kind: 'dynamic',
        typeOnly: false,
        conditional: place.conditional,
        line,
        column: node.startPosition.column + 1,
      })
    }
    const kind =
      method === undefined ? null : this.#publish.has(method) ? 'publish' : this.#subscribe.has(method) ? 'subscribe' : null
    const receiver = callee.type === 'attribute' ? (rootOf(callee.childForFieldName('object')) ?? root) : root
    this.#pending.push({
      callee: text,
      root: receiver,
      line,
      passes: args.length > 0,
      event: kind === null ? null : { kind, ...eventOf(args) },
    })
  }
}

function prefixes(dotted: string): string[] {
  const parts = dotted.split('.')
  return parts.map((_part, index) => parts.slice(0, index + 1).join('.'))
}

function eventOf(args: ReturnType<typeof argumentsOf>): Pick<EventFact, 'event' | 'literal'> {
  const named = args.find((arg) => arg.name !== null && /^(event|event_name|event_type|name|topic|type)$/.test(arg.name))
  const value = (args[0]?.name === null ? args[0] : named)?.value
  if (value === undefined) return { event: null, literal: false }
  if (value.type === 'string') return { event: textOfString(value), literal: true }
  if (value.type === 'call') {
    const inner = argumentsOf(value)
    const name = dottedOf(value.childForFieldName('function'))
    const typed = inner.find((arg) => arg.name !== null && /^(event|event_name|event_type|name|topic|type)$/.test(arg.name))
    if (typed !== undefined) return eventOf([typed])
    return { event: name, literal: false }
  }
  if (value.type === 'lambda') return { event: null, literal: false }
  const reference = dottedOf(value)
  return { event: reference?.replace(/\.(value|name)$/, '') ?? null, literal: false }
}
