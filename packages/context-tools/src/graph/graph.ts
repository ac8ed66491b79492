import { type ContextConfig, matcher } from '../config.ts'
import { isContextPath } from '../model/locate.ts'
import { mentionedPlaces } from '../model/mentions.ts'
import type { ContextFile, Span } from '../model/types.ts'
import { blobIdOf, type RepoView, textOf } from '../view/view.ts'
import type { BusPatterns, EventFact, FileFacts, ImportedName, ImportFact } from './facts.ts'
import { languageOf } from './facts.ts'
import { contextKey, type FactsCache, factsKey, memoryCache, placesKey } from './facts-cache.ts'
import { Packages } from './packages.ts'
import { PythonParser } from './python-parser.ts'
import { PythonResolver } from './resolve-python.ts'
import { TypeScriptResolver } from './resolve-typescript.ts'
import { extractTypeScript, loadTypeScript } from './typescript.ts'

/** Source files above this are skipped and counted: 2 MiB. */
export const MAX_SOURCE_BYTES = 2 * 1024 * 1024

/** Python files from which a thread of their own pays. */
const MANY = 24
/** Files read ahead at a time. */
const LANES = 256

/** One import, resolved: `to` is a file of the repository, else `external` names the package. */
export interface Edge {
  readonly from: string
  readonly to: string | null
  readonly external: string | null
  readonly specifier: string
  readonly names: readonly ImportedName[]
  readonly kind: ImportFact['kind']
  readonly typeOnly: boolean
  readonly conditional: boolean
  readonly line: number
}

/** Where a name really comes from, after following re-exports; `through` lists the files passed. */
export interface Origin {
  readonly path: string
  readonly name: string
  readonly through: readonly string[]
}

/**
 * What the code says about itself, read file by file and only when asked: a check of twenty staged files
 * does not parse the other five thousand. `loadAll` is what reverse questions cost.
 */
export class EvidenceGraph {
  readonly view: RepoView
  readonly config: ContextConfig
  readonly packages: Packages
  readonly skipped = new Set<string>()
  readonly isTest: (path: string) => boolean
  readonly isOptional: (path: string) => boolean
  readonly #excluded: (path: string) => boolean
  readonly #cache: FactsCache
  readonly #facts = new Map<string, Promise<FileFacts | null>>()
  /** Contents looked at for a word, kept in case they have to be parsed after all. */
  readonly #contents = new Map<string, Promise<Buffer | null>>()
  readonly #edges = new Map<string, Promise<readonly Edge[]>>()
  readonly #typescript: TypeScriptResolver
  readonly #python: PythonResolver
  readonly #parser = new PythonParser()
  #sources: readonly string[] | null = null
  #isSource: ReadonlySet<string> | null = null
  #tests: readonly string[] | null = null
  #contexts: readonly string[] | null = null
  #incoming: Promise<ReadonlyMap<string, readonly Edge[]>> | null = null

  constructor(view: RepoView, config: ContextConfig, cache: FactsCache = memoryCache()) {
    this.view = view
    this.config = config
    this.#cache = cache
    this.#excluded = matcher(config.exclude)
    this.isTest = remembered(matcher(config.tests))
    this.isOptional = remembered(matcher(config.optional))
    this.packages = new Packages(view)
    this.#typescript = new TypeScriptResolver(view, this.packages)
    this.#python = new PythonResolver(view, config.sourceRoots)
  }

  /** Source files of the view, sorted; excluded ones left out. */
  get sources(): readonly string[] {
    this.#sources ??= [...this.view.paths].filter((path) => languageOf(path) !== null && !this.#excluded(path)).sort()
    return this.#sources
  }

  /** True for a source file of the view that is not excluded. */
  isSource(path: string): boolean {
    this.#isSource ??= new Set(this.sources)
    return this.#isSource.has(path)
  }

  /** Source files at or below a folder, sorted; the root is `''`. */
  sourcesBelow(folder: string): readonly string[] {
    if (folder === '') return this.sources
    const { sources } = this
    const from = firstFrom(sources, `${folder}/`)
    let to = from
    while (to < sources.length && (sources[to] as string).startsWith(`${folder}/`)) to++
    return sources.slice(from, to)
  }

  /** Source files that are tests, sorted. */
  get testSources(): readonly string[] {
    this.#tests ??= this.sources.filter(this.isTest)
    return this.#tests
  }

  /** CONTEXT.md files of the view, sorted. */
  get contexts(): readonly string[] {
    this.#contexts ??= [...this.view.paths].filter((path) => isContextPath(path) && !this.#excluded(path)).sort()
    return this.#contexts
  }

  /** Facts of a source file; `null` for what is no source, too large or binary. */
  facts(path: string): Promise<FileFacts | null> {
    const known = this.#facts.get(path)
    if (known !== undefined) return known
    const facts = this.#extract(path)
    this.#facts.set(path, facts)
    return facts
  }

  /** Resolved imports of a file, in source order. */
  edges(path: string): Promise<readonly Edge[]> {
    const known = this.#edges.get(path)
    if (known !== undefined) return known
    const edges = this.#resolve(path)
    this.#edges.set(path, edges)
    return edges
  }

  /** Files that import a file, directly or by a name a barrel passes on. Reads the whole repository once. */
  async importers(path: string): Promise<readonly Edge[]> {
    this.#incoming ??= this.#reverse()
    return (await this.#incoming).get(path) ?? []
  }

  /** Parses every source file. */
  loadAll(): Promise<void> {
    return this.load(this.sources)
  }

  /** Parses files ahead of being asked for them, some at a time; many unknown Python files get a thread of their own. */
  async load(paths: readonly string[]): Promise<void> {
    const unread = paths.filter((path) => languageOf(path) === 'python' && !this.#facts.has(path) && !this.#mayBeCached(path))
    if (unread.length >= MANY) this.#parser.expectMany()
    let next = 0
    const lane = async () => {
      while (next < paths.length) await this.edges(paths[next++] as string)
    }
    await Promise.all(Array.from({ length: LANES }, lane))
  }

  /** The same code with files that are about to be written, so that what is said of one counts with the others. */
  withPlanned(paths: readonly string[]): EvidenceGraph {
    const { view } = this
    const planned: RepoView = {
      root: view.root,
      kind: view.kind,
      paths: new Set([...view.paths, ...paths]),
      folders: view.folders,
      read: (path) => view.read(path),
      blobId: (path) => view.blobId(path),
      [Symbol.asyncDispose]: async () => {},
    }
    return new EvidenceGraph(planned, this.config, this.#cache)
  }

  /** Ends what works beside this thread. A graph that was closed still answers. */
  close(): void {
    this.#parser.close()
  }

  /** Follows a name to the files that define it. A name nobody re-exports ends in `path` itself. */
  async origins(path: string, name: string, through: readonly string[] = []): Promise<Origin[]> {
    const here: Origin = { path, name, through }
    if (through.includes(path) || through.length > 12) return [here]
    const facts = await this.facts(path)
    if (facts === null || name === '*') return [here]
    const own = facts.exports.find((one) => one.name === name)
    const next = [...through, path]
    if (own !== undefined && own.kind !== 'reexport') return [here]
    if (own !== undefined) return this.#follow(own.source, own.from ?? name, here, next)
    const found: Origin[] = []
    for (const star of facts.exports.filter((one) => one.name === '*' && one.source !== null)) {
      for (const origin of await this.#follow(star.source, name, here, next)) {
        const defined = (await this.facts(origin.path))?.exports.some((one) => one.name === origin.name)
        if (defined === true) found.push(origin)
      }
    }
    return found.length === 0 ? [here] : found
  }

  /** Name an event travels under: the literal, else the constant's value, else the constant or class by its exported name. */
  async eventName(path: string, event: EventFact): Promise<string | null> {
    if (event.event === null || event.literal) return event.event
    const facts = await this.facts(path)
    const own = facts?.constants[event.event]
    if (facts === null || own !== undefined) return own ?? null
    const [root, ...rest] = event.event.split('.')
    for (const edge of await this.edges(path)) {
      const imported =
        edge.names.find((one) => one.local === root && one.name === '*') ?? edge.names.find((one) => one.local === root)
      if (imported === undefined) continue
      if (edge.to === null) return [imported.name, ...rest].join('.')
      const names = imported.name === '*' ? rest : [imported.name, ...rest]
      for (const origin of await this.origins(edge.to, names[0] ?? '*')) {
        const key = [origin.name, ...names.slice(1)].join('.')
        return (await this.facts(origin.path))?.constants[key] ?? key
      }
    }
    return event.event
  }

  /** A CONTEXT.md of the view, parsed; remembered by content like the facts, so that a warm run loads no Markdown parser. */
  async context(path: string): Promise<ContextFile> {
    const blob = this.view.blobId(path)
    const cached = blob === undefined ? undefined : this.#cache.get(contextKey(blob, path))
    if (cached !== undefined) return thawed(cached as FrozenContext)
    const content = (await this.view.read(path)) ?? Buffer.alloc(0)
    const key = contextKey(blob ?? blobIdOf(content), path)
    const known = blob === undefined ? this.#cache.get(key) : undefined
    if (known !== undefined) return thawed(known as FrozenContext)
    const { parseContextFile } = await import('../model/parse.ts')
    const file = parseContextFile(path, content.toString('utf8'))
    this.#cache.put(key, frozen(file))
    return file
  }

  /** Places a CONTEXT.md mentions, see {@link mentionedPlaces}; remembered by content. */
  async placesIn(path: string): Promise<readonly string[]> {
    const blob = this.view.blobId(path)
    const cached = blob === undefined ? undefined : this.#cache.get(placesKey(blob, path))
    if (cached !== undefined) return cached as string[]
    const content = (await this.view.read(path)) ?? Buffer.alloc(0)
    const key = placesKey(blob ?? blobIdOf(content), path)
    const known = blob === undefined ? this.#cache.get(key) : undefined
    if (known !== undefined) return known as string[]
    const places = mentionedPlaces(path, content.toString('utf8'))
    this.#cache.put(key, places)
    return places
  }

  /** True when a file's text holds one of the words: a cheap way not to parse files that cannot matter. */
  async mentions(path: string, words: readonly string[]): Promise<boolean> {
    if (this.#facts.has(path) || this.#isCached(path)) return true
    const known = this.#contents.get(path) ?? this.view.read(path)
    this.#contents.set(path, known)
    const content = await known
    return content !== null && words.some((word) => content.includes(word))
  }

  #isCached(path: string): boolean {
    const blob = this.view.blobId(path)
    return blob !== undefined && this.#cache.has(factsKey(blob, path, this.config.bus))
  }

  /** As `#isCached`; where the content has to be read to know, a cache that holds anything counts as warm. */
  #mayBeCached(path: string): boolean {
    return this.view.blobId(path) === undefined ? !this.#cache.isEmpty : this.#isCached(path)
  }

  async #follow(source: string | null, name: string, here: Origin, through: readonly string[]): Promise<Origin[]> {
    const edge = (await this.edges(here.path)).find(
      (one) =>
        one.specifier === source && (one.names.length === 0 || one.names.some((each) => each.name === name || each.name === '*')),
    )
    return edge?.to == null ? [here] : this.origins(edge.to, name, through)
  }

  async #extract(path: string): Promise<FileFacts | null> {
    const language = languageOf(path)
    if (language === null || !this.view.paths.has(path)) return null
    const { bus } = this.config
    const blob = this.view.blobId(path)
    const cached = blob === undefined ? undefined : (this.#cache.get(factsKey(blob, path, bus)) as FileFacts | undefined)
    if (cached !== undefined) return cached
    const content = await (this.#contents.get(path) ?? this.view.read(path))
    const text = content === null || content.length > MAX_SOURCE_BYTES ? null : textOf(content)
    if (content === null || text === null) {
      this.skipped.add(path)
      return null
    }
    const key = factsKey(blob ?? blobIdOf(content), path, bus)
    const known = this.#cache.get(key) as FileFacts | undefined
    if (known !== undefined) return known
    const facts = await (language === 'python' ? this.#parser.facts(path, text, bus) : typeScriptFacts(path, text, bus))
    this.#cache.put(key, facts)
    return facts
  }

  async #resolve(path: string): Promise<readonly Edge[]> {
    const facts = await this.facts(path)
    if (facts === null) return []
    const edges: Edge[] = []
    for (const one of facts.imports) {
      const base = {
        from: path,
        specifier: one.specifier,
        kind: one.kind,
        typeOnly: one.typeOnly,
        conditional: one.conditional,
        line: one.line,
      }
      if (facts.language === 'python') {
        for (const target of this.#python.resolve(
          path,
          one.specifier,
          one.names.map((name) => name.name),
        )) {
          const names = target.names.map((index) => one.names[index] as ImportedName)
          const module = target.path !== null && target.path !== this.#python.resolve(path, one.specifier, [])[0]?.path
          edges.push({
            ...base,
            to: target.path,
            external: target.external,
            names: module ? names.flatMap((name) => [name, { ...name, name: '*' }]) : names,
          })
        }
      } else {
        const { path: to, external } = await this.#typescript.resolve(path, one.specifier)
        edges.push({ ...base, to, external, names: one.names })
      }
    }
    return edges
  }

  async #reverse(): Promise<ReadonlyMap<string, readonly Edge[]>> {
    await this.loadAll()
    const incoming = new Map<string, Edge[]>()
    const put = (to: string, edge: Edge) => {
      const list = incoming.get(to)
      if (list === undefined) incoming.set(to, [edge])
      else if (!list.includes(edge)) list.push(edge)
    }
    for (const path of this.sources) {
      for (const edge of await this.edges(path)) {
        if (edge.to === null) continue
        put(edge.to, edge)
        for (const { name } of edge.names) {
          if (name === '*') continue
          for (const origin of await this.origins(edge.to, name)) if (origin.path !== edge.to) put(origin.path, edge)
        }
      }
    }
    return incoming
  }
}

async function typeScriptFacts(path: string, text: string, bus: BusPatterns): Promise<FileFacts> {
  await loadTypeScript()
  return extractTypeScript(path, text, bus)
}

/** A test for paths that answers the second time from memory. */
function remembered(test: (path: string) => boolean): (path: string) => boolean {
  const known = new Map<string, boolean>()
  return (path) => {
    let answer = known.get(path)
    if (answer === undefined) {
      answer = test(path)
      known.set(path, answer)
    }
    return answer
  }
}

/** Index of the first entry of a sorted list that is not below `key`. */
function firstFrom(sorted: readonly string[], key: string): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as string) < key) low = middle + 1
    else high = middle
  }
  return low
}

/** A parsed CONTEXT.md as plain JSON. */
type FrozenContext = Omit<ContextFile, 'reviewed'> & {
  readonly reviewed: { readonly span: Span; readonly hashes: readonly (readonly [string, string])[] } | null
}

function frozen(file: ContextFile): FrozenContext {
  return { ...file, reviewed: file.reviewed === null ? null : { span: file.reviewed.span, hashes: [...file.reviewed.hashes] } }
}

function thawed(file: FrozenContext): ContextFile {
  return {
    ...file,
    reviewed: file.reviewed === null ? null : { span: file.reviewed.span, hashes: new Map(file.reviewed.hashes) },
  }
}
