import { realpathSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { type Baseline, parseBaseline } from './check/policy.ts'
import { type ContextConfig, readConfig } from './config.ts'
import { ContextToolsError } from './errors.ts'
import { CACHE_NAME, fileCache } from './graph/facts-cache.ts'
import { EvidenceGraph } from './graph/graph.ts'
import { findRepository } from './view/git.ts'
import { openCommitView, openIndexView } from './view/tree-view.ts'
import type { RepoView } from './view/view.ts'
import { openWorkTreeView } from './view/work-tree-view.ts'
import { appendCache } from './write.ts'

/** How to open a repository. */
export interface RepositoryOptions {
  /** Any folder inside; the repository around it is opened. Outside git the folder itself. */
  readonly dir: string
  /** `worktree` (default), `index`, or a revision such as `HEAD` or `main~2`. */
  readonly at?: 'worktree' | 'index' | (string & {})
  /** Keep facts between runs inside `.git`, where neither index nor work tree sees them. Default true. */
  readonly cache?: boolean
}

/** An open repository: one view of its files and the graph read from it. Dispose it to end git's helper process. */
export interface Repository extends AsyncDisposable {
  readonly root: string
  /** Folder inside `.git` for caches; `null` outside git. */
  readonly state: string | null
  /** Folder git runs hooks from; `null` outside git. */
  readonly hooks: string | null
  readonly view: RepoView
  readonly graph: EvidenceGraph
  readonly config: ContextConfig
  readonly baseline: Baseline
  /** Repository path of what a user typed, relative to `from`. @throws ContextToolsError CONTEXT_PATH_OUTSIDE */
  pathOf(written: string, from?: string): string
  save(): void
}

/** Opens a repository at one point: work tree, index or commit. @throws ContextToolsError CONTEXT_CONFIG_INVALID, CONTEXT_FOLDER_MISSING, CONTEXT_GIT_FAILED */
export async function openRepository(options: RepositoryOptions): Promise<Repository> {
  if (statSync(options.dir, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new ContextToolsError('CONTEXT_FOLDER_MISSING', `${options.dir} is no folder: name one that exists`)
  const found = await findRepository(options.dir)
  const root = found?.root ?? realpathSync(options.dir)
  const at = options.at ?? 'worktree'
  if (found === null && at !== 'worktree')
    throw new ContextToolsError('CONTEXT_GIT_FAILED', `${options.dir} is not inside a git repository: "${at}" cannot be read`)
  const view =
    at === 'worktree' ? await openWorkTreeView(root) : at === 'index' ? await openIndexView(root) : await openCommitView(root, at)
  try {
    const config = await readConfig(view)
    const cache = found === null || options.cache === false ? undefined : fileCache(join(found.state, CACHE_NAME), appendCache)
    const baseline = parseBaseline((await view.read(config.baseline))?.toString('utf8') ?? null)
    const graph = new EvidenceGraph(view, config, cache)
    return {
      root,
      state: found?.state ?? null,
      hooks: found?.hooks ?? null,
      view,
      config,
      baseline,
      graph,
      pathOf: (written, from = options.dir) => repositoryPath(root, from, written),
      save: () => cache?.save(),
      async [Symbol.asyncDispose]() {
        cache?.save()
        graph.close()
        await view[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await view[Symbol.asyncDispose]()
    throw error
  }
}

function repositoryPath(root: string, from: string, written: string): string {
  const base = realpathSync(from)
  const absolute = written.startsWith('/') ? written : join(base, written)
  const path = relative(realpathSync(root), absolute).split(sep).join('/')
  if (path === '..' || path.startsWith('../') || /[\u0000-\u001f]/.test(written)) {
    throw new ContextToolsError('CONTEXT_PATH_OUTSIDE', `${JSON.stringify(written)} is outside of ${root}`, {
      context: { root, written },
    })
  }
  return path
}
