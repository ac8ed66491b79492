import { parse } from 'jsonc-parser'
import { baseOf, folderOf, joinPath } from '../model/locate.ts'
import type { RepoView } from '../view/view.ts'
import { fileAt } from './source-file.ts'

interface Aliases {
  /** Folder that `paths` values are relative to. */
  readonly base: string
  readonly paths: Readonly<Record<string, readonly string[]>>
  readonly baseUrl: string | null
}

/** `compilerOptions.paths` and `baseUrl` of the nearest tsconfig.json or jsconfig.json, read from the view. */
export class TypeScriptPaths {
  readonly #view: RepoView
  readonly #configs = new Map<string, Promise<Aliases | null>>()

  constructor(view: RepoView) {
    this.#view = view
  }

  async resolve(folder: string, specifier: string): Promise<string | null> {
    const aliases = await this.#nearest(folder)
    if (aliases === null) return null
    const ranked = Object.entries(aliases.paths).sort(([a], [b]) => b.indexOf('*') - a.indexOf('*') || b.length - a.length)
    for (const [pattern, targets] of ranked) {
      const star = pattern.indexOf('*')
      const [head, tail] = star < 0 ? [pattern, ''] : [pattern.slice(0, star), pattern.slice(star + 1)]
      const fits =
        star < 0
          ? specifier === pattern
          : specifier.startsWith(head) && specifier.endsWith(tail) && specifier.length >= head.length + tail.length
      if (!fits) continue
      const middle = star < 0 ? '' : specifier.slice(head.length, specifier.length - tail.length)
      for (const target of targets) {
        const path = joinPath(aliases.base, target.replace('*', middle))
        const found = path === null ? null : fileAt(this.#view, path)
        if (found !== null) return found
      }
    }
    const plain = aliases.baseUrl === null ? null : joinPath(aliases.baseUrl, specifier)
    return plain === null ? null : fileAt(this.#view, plain)
  }

  #nearest(folder: string): Promise<Aliases | null> {
    const known = this.#configs.get(folder)
    if (known !== undefined) return known
    const found = this.#find(folder)
    this.#configs.set(folder, found)
    return found
  }

  async #find(folder: string): Promise<Aliases | null> {
    for (const name of ['tsconfig.json', 'jsconfig.json']) {
      const path = folder === '' ? name : `${folder}/${name}`
      if (this.#view.paths.has(path)) return this.#load(path, 0)
    }
    return folder === '' ? null : this.#nearest(folderOf(folder))
  }

  async #load(path: string, depth: number): Promise<Aliases | null> {
    const json: unknown = parse((await this.#view.read(path))?.toString('utf8') ?? '', [], { allowTrailingComma: true })
    if (typeof json !== 'object' || json === null || depth > 8) return null
    const { extends: parents, compilerOptions } = json as {
      extends?: unknown
      compilerOptions?: { paths?: unknown; baseUrl?: unknown }
    }
    let inherited: Aliases | null = null
    for (const parent of Array.isArray(parents) ? parents : [parents]) {
      if (typeof parent !== 'string' || !parent.startsWith('.')) continue
      const target = joinPath(folderOf(path), parent)
      const file =
        target === null
          ? undefined
          : [target, `${target}.json`, `${target}/tsconfig.json`].find((one) => this.#view.paths.has(one))
      if (file !== undefined && baseOf(file).endsWith('.json')) inherited = (await this.#load(file, depth + 1)) ?? inherited
    }
    const baseUrl = typeof compilerOptions?.baseUrl === 'string' ? joinPath(folderOf(path), compilerOptions.baseUrl) : null
    const paths =
      typeof compilerOptions?.paths === 'object' && compilerOptions.paths !== null ? clean(compilerOptions.paths) : null
    return {
      base: paths !== null ? (baseUrl ?? folderOf(path)) : (inherited?.base ?? folderOf(path)),
      paths: paths ?? inherited?.paths ?? {},
      baseUrl: baseUrl ?? inherited?.baseUrl ?? null,
    }
  }
}

function clean(paths: object): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(paths).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [],
    ]),
  )
}
