import { createHash } from 'node:crypto'

/** One consistent picture of a repository's files: the work tree, the index or a commit. Paths use forward slashes. */
export interface RepoView extends AsyncDisposable {
  readonly root: string
  readonly kind: 'worktree' | 'index' | 'commit'
  /** Regular files only: no symbolic links, no submodules, nothing ignored. */
  readonly paths: ReadonlySet<string>
  /** Every folder that holds a file, the root as `''`. */
  readonly folders: ReadonlySet<string>
  /** Content, or `null` when the file is not part of the view. */
  read(path: string): Promise<Buffer | null>
  /** Git blob id when it is known without reading. */
  blobId(path: string): string | undefined
}

/** Folders of a set of paths. */
export function foldersOf(paths: Iterable<string>): Set<string> {
  const folders = new Set([''])
  for (const path of paths) {
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const folder = path.slice(0, slash)
      if (folders.has(folder)) break
      folders.add(folder)
    }
  }
  return folders
}

/** Git's id of a blob, so that work tree and index share one cache. */
export function blobIdOf(content: Uint8Array): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
}

/** Text of a file, or `null` for binary content. Invalid UTF-8 becomes replacement characters. */
export function textOf(content: Uint8Array): string | null {
  const head = content.subarray(0, 8192)
  if (head.includes(0)) return null
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('utf8')
}
