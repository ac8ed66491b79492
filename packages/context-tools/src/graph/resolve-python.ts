import { folderOf, joinPath } from '../model/locate.ts'
import type { RepoView } from '../view/view.ts'
import { PYTHON_STDLIB } from './stdlib.ts'

/** One module a Python import reaches, with the names taken from it. */
export interface PythonTarget {
  readonly path: string | null
  readonly external: string | null
  /** Indexes into the statement's names. */
  readonly names: readonly number[]
}

/**
 * Resolves Python imports against one view: relative, absolute from the package's root, `src` layouts and
 * namespace packages. `from pkg import name` leads to the submodule when there is one, else to `pkg` itself.
 */
export class PythonResolver {
  readonly #view: RepoView
  readonly #extra: readonly string[]
  #roots: readonly string[] | null = null

  constructor(view: RepoView, sourceRoots: readonly string[] = []) {
    this.#view = view
    this.#extra = sourceRoots
  }

  resolve(from: string, specifier: string, names: readonly string[]): PythonTarget[] {
    const found = specifier.startsWith('.') ? this.#relative(from, specifier) : this.#absolute(from, specifier)
    if (found === null) {
      const outside = specifier.startsWith('.') ? null : (specifier.split('.')[0] as string)
      return [{ path: null, external: outside, names: names.map((_name, index) => index) }]
    }
    const targets = new Map<string | null, number[]>()
    const put = (path: string | null, index: number) => targets.set(path, [...(targets.get(path) ?? []), index])
    for (const [index, name] of names.entries()) {
      const inner =
        found.folder === null || name === '*' ? null : this.#module(found.folder === '' ? name : `${found.folder}/${name}`)
      put(inner?.file ?? (inner?.folder != null && found.file === null ? null : found.file), index)
    }
    if (names.length === 0) targets.set(found.file, [])
    return [...targets].map(([path, indexes]) => ({ path, external: null, names: indexes }))
  }

  #relative(from: string, specifier: string): Found | null {
    const dots = /^\.+/.exec(specifier)?.[0].length ?? 1
    const base = joinPath(folderOf(from), '../'.repeat(dots - 1))
    if (base === null) return null
    const rest = specifier.slice(dots).replaceAll('.', '/')
    return this.#module(rest === '' ? base : base === '' ? rest : `${base}/${rest}`, rest === '')
  }

  #absolute(from: string, specifier: string): Found | null {
    const parts = specifier.replaceAll('.', '/')
    let root = folderOf(from)
    while (root !== '' && this.#view.paths.has(`${root}/__init__.py`)) root = folderOf(root)
    const near = this.#module(root === '' ? parts : `${root}/${parts}`)
    if (near !== null) return near
    if (PYTHON_STDLIB.has(specifier.split('.')[0] as string)) return null
    for (const candidate of this.#candidates(root)) {
      const found = this.#module(candidate === '' ? parts : `${candidate}/${parts}`)
      if (found !== null) return found
    }
    return null
  }

  #candidates(root: string): string[] {
    this.#roots ??= [...this.#extra, ...projectRoots(this.#view)]
    const above: string[] = []
    for (let folder = root; folder !== ''; folder = folderOf(folder)) above.push(folderOf(folder))
    return [...new Set([...above.flatMap((folder) => [folder, folder === '' ? 'src' : `${folder}/src`]), ...this.#roots])]
  }

  #module(path: string, allowEmpty = false): Found | null {
    const has = (one: string) => this.#view.paths.has(one)
    const inside = path === '' ? '' : `${path}/`
    for (const init of ['__init__.py', '__init__.pyi']) if (has(inside + init)) return { file: inside + init, folder: path }
    for (const extension of ['.py', '.pyi'])
      if (path !== '' && has(path + extension)) return { file: path + extension, folder: null }
    if (this.#view.folders.has(path) && (allowEmpty || this.#holdsPython(path))) return { file: null, folder: path }
    return null
  }

  #holdsPython(folder: string): boolean {
    this.#python ??= pythonFolders(this.#view)
    return this.#python.has(folder)
  }

  #python: Set<string> | null = null
}

interface Found {
  readonly file: string | null
  readonly folder: string | null
}

function projectRoots(view: RepoView): string[] {
  const roots = new Set<string>(['', 'src', 'lib', 'python'])
  for (const path of view.paths) {
    if (!/(^|\/)(pyproject\.toml|setup\.py|setup\.cfg)$/.test(path)) continue
    const folder = folderOf(path)
    roots.add(folder)
    roots.add(folder === '' ? 'src' : `${folder}/src`)
  }
  return [...roots].filter((root) => view.folders.has(root))
}

function pythonFolders(view: RepoView): Set<string> {
  const folders = new Set<string>()
  for (const path of view.paths) {
    if (!/\.pyi?$/.test(path)) continue
    for (let folder = folderOf(path); !folders.has(folder); folder = folderOf(folder)) {
      folders.add(folder)
      if (folder === '') break
    }
  }
  return folders
}
