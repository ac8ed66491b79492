/** Raise when the shape or meaning of {@link FileFacts} changes: cached facts of another version are ignored. */
export const FACTS_VERSION = 8

/** One imported name. `name` is the exported one (`*` a whole module, `default`), `local` what the file calls it. */
export interface ImportedName {
  readonly name: string
  readonly local: string | null
  readonly typeOnly: boolean
}

/** One import statement, `require`, dynamic import, re-export or type reference, as written. */
export interface ImportFact {
  /** Module text; Python keeps its leading dots (`..pkg.mod`). */
  readonly specifier: string
  readonly names: readonly ImportedName[]
  readonly kind: 'static' | 'dynamic' | 'require' | 'reexport' | 'type-reference'
  readonly typeOnly: boolean
  /** Inside `if`, `try` or a function: may never run. */
  readonly conditional: boolean
  readonly line: number
  readonly column: number
}

/** What a file makes importable under `name`; `from` and `source` follow a re-export (`name` `*`: all names). */
export interface ExportFact {
  readonly name: string
  readonly kind: 'class' | 'interface' | 'function' | 'type' | 'value' | 'reexport'
  readonly line: number
  readonly from: string | null
  readonly source: string | null
}

/** A dotted reference to a type: `ns.Base` has root `ns`. */
export interface TypeReference {
  readonly name: string
  readonly line: number
}

/** A class or interface with what it extends and implements. */
export interface ClassFact {
  readonly name: string
  readonly kind: 'class' | 'interface'
  /** TypeScript `abstract`, or Python with ABC, Protocol or an abstract method. */
  readonly abstract: boolean
  readonly bases: readonly TypeReference[]
  readonly interfaces: readonly TypeReference[]
  readonly line: number
}

/** A publish or subscribe call site. */
export interface EventFact {
  readonly kind: 'publish' | 'subscribe'
  /** Literal event name, or dotted reference to a constant (`Events.TICK`), or `null` when computed. */
  readonly event: string | null
  readonly literal: boolean
  /** Local names the receiver may come from: an import, a class, `this`. */
  readonly origins: readonly string[]
  readonly line: number
}

/** A call on something imported: the local name it comes from, and whether data was handed over. */
export interface CallFact {
  readonly origin: string
  readonly line: number
  readonly passes: boolean
}

/** Everything the graph needs of one source file. Plain JSON: it is cached by content. */
export interface FileFacts {
  readonly language: 'typescript' | 'python'
  readonly imports: readonly ImportFact[]
  readonly exports: readonly ExportFact[]
  readonly classes: readonly ClassFact[]
  readonly events: readonly EventFact[]
  readonly calls: readonly CallFact[]
  /** Types an object or function is declared to satisfy without a class. */
  readonly conforms: readonly TypeReference[]
  /** Members used of a whole-module import: local name -> names. */
  readonly members: Readonly<Record<string, readonly string[]>>
  /** String constants by dotted name: `Events.TICK` -> `tick`. */
  readonly constants: Readonly<Record<string, string>>
  /** Hash of everything importable without bodies: 12 hex digits. */
  readonly signature: string
  /** First sentence of the module's docstring, or of its first exported declaration. */
  readonly doc: string | null
  /** Sentences of its comments that give a reason (`because`, `so that`, …): candidates for Key Decisions. */
  readonly reasons: readonly string[]
  /** Syntax errors met; the facts before and after them still hold. */
  readonly errors: number
}

/** Which calls count as publishing or subscribing. Names are the last part of the callee. */
export interface BusPatterns {
  readonly publish: readonly string[]
  readonly subscribe: readonly string[]
}

/** Call names of common emitters and buses in both languages. */
export const DEFAULT_BUS: BusPatterns = {
  publish: ['emit', 'publish', 'dispatch', 'dispatchEvent', 'broadcast', 'trigger', 'fire', 'notify'],
  subscribe: ['on', 'once', 'subscribe', 'addListener', 'addEventListener', 'add_listener', 'listen', 'register_handler'],
}

/** File kinds the extractors read, by extension. */
export function languageOf(path: string): FileFacts['language'] | null {
  if (/\.(?:[cm]?[jt]s|[jt]sx)$/.test(path)) return 'typescript'
  return /\.pyi?$/.test(path) ? 'python' : null
}
