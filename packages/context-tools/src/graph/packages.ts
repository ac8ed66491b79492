import { folderOf, joinPath } from '../model/locate.ts'
import type { RepoView } from '../view/view.ts'
import { fileAt } from './source-file.ts'

interface Manifest {
  readonly folder: string
  readonly name: string | null
  readonly exports: unknown
  readonly imports: unknown
  readonly entries: readonly string[]
  readonly dependencies: readonly string[]
}

/** The packages a repository holds itself: resolves `@scope/name/sub` and `#internal` to source files. */
export class Packages {
  readonly #view: RepoView
  #manifests: Promise<Map<string, Manifest>> | null = null

  constructor(view: RepoView) {
    this.#view = view
  }

  async resolve(fromFolder: string, specifier: string): Promise<string | null> {
    const all = await this.#load()
    if (specifier.startsWith('#')) {
      for (let folder = fromFolder; ; folder = folderOf(folder)) {
        const own = all.get(folder)
        if (own !== undefined) return this.#match(own, own.imports, specifier)
        if (folder === '') return null
      }
    }
    for (const manifest of all.values()) {
      if (manifest.name === null || (specifier !== manifest.name && !specifier.startsWith(`${manifest.name}/`))) continue
      const sub = specifier === manifest.name ? '.' : `.${specifier.slice(manifest.name.length)}`
      return this.#match(manifest, manifest.exports, sub) ?? this.#plain(manifest, sub)
    }
    return null
  }

  /** Folder of a workspace package by name. */
  async folderOfPackage(name: string): Promise<string | null> {
    for (const manifest of (await this.#load()).values()) if (manifest.name === name) return manifest.folder
    return null
  }

  /** Name of the package a file lies in, when its manifest has one. */
  async nameAround(path: string): Promise<string | null> {
    const all = await this.#load()
    for (let folder = folderOf(path); ; folder = folderOf(folder)) {
      const manifest = all.get(folder)
      if (manifest !== undefined || folder === '') return manifest?.name ?? null
    }
  }

  /** True when some manifest of the repository depends on a package of this name (`decimal.js` is one, not a file). */
  async dependsOn(name: string): Promise<boolean> {
    for (const manifest of (await this.#load()).values()) if (manifest.dependencies.includes(name)) return true
    return false
  }

  #load(): Promise<Map<string, Manifest>> {
    this.#manifests ??= this.#read()
    return this.#manifests
  }

  async #read(): Promise<Map<string, Manifest>> {
    const found = new Map<string, Manifest>()
    const paths = [...this.#view.paths].filter((path) => /(^|\/)package\.json$/.test(path) && !/(^|\/)node_modules\//.test(path))
    await Promise.all(
      paths.map(async (path) => {
        try {
          const json: unknown = JSON.parse((await this.#view.read(path))?.toString('utf8') ?? '')
          if (typeof json !== 'object' || json === null) return
          const field = json as Record<string, unknown>
          const entries = ['source', 'module', 'main', 'types', 'typings']
            .map((name) => field[name])
            .filter((value) => typeof value === 'string')
          found.set(folderOf(path), {
            folder: folderOf(path),
            name: typeof field['name'] === 'string' ? field['name'] : null,
            exports: field['exports'],
            imports: field['imports'],
            entries,
            dependencies: dependenciesOf(field),
          })
        } catch {}
      }),
    )
    return found
  }

  #match(manifest: Manifest, table: unknown, key: string): string | null {
    if (table === null || table === undefined) return null
    const map =
      typeof table === 'object' && !Array.isArray(table) && Object.keys(table).some((name) => /^[.#]/.test(name))
        ? (table as Record<string, unknown>)
        : { '.': table }
    if (key in map) return this.#target(manifest, map[key], '')
    for (const [pattern, value] of Object.entries(map)) {
      const star = pattern.indexOf('*')
      if (star < 0) continue
      const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)]
      if (!key.startsWith(head) || !key.endsWith(tail) || key.length < head.length + tail.length) continue
      const found = this.#target(manifest, value, key.slice(head.length, key.length - tail.length))
      if (found !== null) return found
    }
    return null
  }

  #target(manifest: Manifest, value: unknown, star: string): string | null {
    if (typeof value === 'string') return this.#source(manifest, value.replaceAll('*', star))
    if (typeof value !== 'object' || value === null) return null
    for (const inner of Object.values(value)) {
      const found = this.#target(manifest, inner, star)
      if (found !== null) return found
    }
    return null
  }

  /** A built file that the repository does not hold stands for its source: `dist/x.js` for `src/x.ts`. */
  #source(manifest: Manifest, entry: string): string | null {
    const path = joinPath(manifest.folder, entry)
    if (path === null) return null
    const exact = fileAt(this.#view, path)
    if (exact !== null) return exact
    const inside = manifest.folder === '' ? path : path.slice(manifest.folder.length + 1)
    const stem = inside
      .replace(/\.d\.[cm]?ts$|\.[cm]?js$/, '')
      .replace(/^(?:\.\/)?(?:dist|lib|build|out)\/(?:esm\/|cjs\/|types\/)?/, '')
    for (const base of ['src/', 'lib/', '']) {
      const target = joinPath(manifest.folder, base + stem)
      const found = target === null ? null : fileAt(this.#view, target)
      if (found !== null) return found
    }
    return null
  }

  #plain(manifest: Manifest, sub: string): string | null {
    const tries = sub === '.' ? [...manifest.entries, './src/index', './index'] : [sub, `./src/${sub.slice(2)}`]
    for (const entry of tries) {
      const found = this.#source(manifest, entry)
      if (found !== null) return found
    }
    return null
  }
}

function dependenciesOf(field: Readonly<Record<string, unknown>>): string[] {
  return ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'].flatMap((name) => {
    const value = field[name]
    return typeof value === 'object' && value !== null ? Object.keys(value) : []
  })
}
