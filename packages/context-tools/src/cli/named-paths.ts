import { languageOf } from '../graph/facts.ts'
import { contextOf } from '../model/locate.ts'
import type { Repository } from '../repository.ts'
import { UsageError } from './io.ts'

/**
 * Repository paths of what a user named; a source file brings the CONTEXT.md that answers for it.
 *
 * @throws UsageError for a path nobody has: that is a slip of the pen, not an empty success
 * @throws ContextToolsError CONTEXT_PATH_OUTSIDE
 */
export function namedPaths(repository: Repository, written: readonly string[], from: string): string[] {
  const { paths, folders } = repository.view
  return written.flatMap((one) => {
    const path = repository.pathOf(one, from)
    if (!paths.has(path) && !folders.has(path)) throw new UsageError(`${path}: no such file or folder in the repository`)
    const owner = languageOf(path) === null ? null : contextOf(path, (context) => paths.has(context))
    return owner === null ? [path] : [path, owner]
  })
}

/** CONTEXT.md files at, below or answering for what a user named; all of them when nothing was named. */
export function namedContexts(repository: Repository, written: readonly string[], from: string): string[] {
  const wanted = namedPaths(repository, written, from)
  return repository.graph.contexts.filter(
    (path) => wanted.length === 0 || wanted.some((one) => one === '' || one === path || path.startsWith(`${one}/`)),
  )
}
