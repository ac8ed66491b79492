import { foldersOf, type RepoView } from '../src/view/view.ts'

/** A view over texts in memory. */
export function memoryView(files: Readonly<Record<string, string | Uint8Array>>): RepoView {
  const paths = new Set(Object.keys(files))
  return {
    root: '/nowhere',
    kind: 'worktree',
    paths,
    folders: foldersOf(paths),
    read: async (path) => (path in files ? Buffer.from(files[path]!) : null),
    blobId: () => undefined,
    [Symbol.asyncDispose]: async () => {},
  }
}
