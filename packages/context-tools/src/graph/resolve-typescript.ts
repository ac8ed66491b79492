import { isBuiltin } from 'node:module'
import { join, relative, sep } from 'node:path'
import type { ResolverFactory } from 'oxc-resolver'
import { folderOf, joinPath } from '../model/locate.ts'
import type { RepoView } from '../view/view.ts'
import { Packages } from './packages.ts'
import { fileAt } from './source-file.ts'
import { TypeScriptPaths } from './tsconfig-paths.ts'

/** Where an import leads: a file of the repository, a package outside of it, or nowhere. */
export interface Resolution {
  readonly path: string | null
  /** Package or builtin name for what lies outside. */
  readonly external: string | null
}

/**
 * Resolves TypeScript and JavaScript imports against one view, so that the index is judged by the index.
 *
 * Relative paths, workspace packages (`exports`, `imports`) and `paths` aliases are looked up in the view itself;
 * whatever else a project configures is asked of oxc-resolver on disk, and believed only when the view has the file.
 */
export class TypeScriptResolver {
  readonly #view: RepoView
  readonly #packages: Packages
  readonly #paths: TypeScriptPaths
  readonly #memo = new Map<string, Promise<Resolution>>()
  #native: Promise<ResolverFactory> | null = null

  constructor(view: RepoView, packages: Packages = new Packages(view)) {
    this.#view = view
    this.#packages = packages
    this.#paths = new TypeScriptPaths(view)
  }

  resolve(from: string, specifier: string): Promise<Resolution> {
    const folder = folderOf(from)
    const key = `${folder}\0${specifier}`
    const known = this.#memo.get(key)
    if (known !== undefined) return known
    const answer = this.#resolve(from, folder, specifier.replace(/[?].*$/, ''))
    this.#memo.set(key, answer)
    return answer
  }

  async #resolve(from: string, folder: string, specifier: string): Promise<Resolution> {
    if (/^\.{1,2}(\/|$)/.test(specifier)) {
      const target = joinPath(folder, specifier)
      return { path: target === null ? null : fileAt(this.#view, target, specifier.endsWith('/')), external: null }
    }
    if (specifier.startsWith('/') || /^[a-z][a-z0-9+.-]*:\/\//i.test(specifier)) return { path: null, external: specifier }
    if (isBuiltin(specifier)) return { path: null, external: specifier.startsWith('node:') ? specifier : `node:${specifier}` }
    const alias = await this.#paths.resolve(folder, specifier)
    if (alias !== null) return { path: alias, external: null }
    const workspace = await this.#packages.resolve(folder, specifier)
    if (workspace !== null) return { path: workspace, external: null }
    const disk = await this.#onDisk(from, specifier)
    if (disk !== null) return { path: disk, external: null }
    return { path: null, external: packageName(specifier) }
  }

  async #onDisk(from: string, specifier: string): Promise<string | null> {
    this.#native ??= import('oxc-resolver').then(
      ({ ResolverFactory: Factory }) =>
        new Factory({
          tsconfig: 'auto',
          conditionNames: ['types', 'import', 'node', 'require', 'default'],
          extensions: ['.ts', '.tsx', '.mts', '.cts', '.d.ts', '.js', '.jsx', '.mjs', '.cjs', '.json'],
          extensionAlias: {
            '.js': ['.ts', '.tsx', '.d.ts', '.js'],
            '.mjs': ['.mts', '.mjs'],
            '.cjs': ['.cts', '.cjs'],
            '.jsx': ['.tsx', '.jsx'],
          },
        }),
    )
    const found = (await this.#native).resolveFileSync(join(this.#view.root, from), specifier).path
    if (found === undefined) return null
    const path = relative(this.#view.root, found).split(sep).join('/')
    return this.#view.paths.has(path) ? path : null
  }
}

/** `@scope/name/sub` and `name/sub` without their subpath. */
export function packageName(specifier: string): string {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] as string)
}
