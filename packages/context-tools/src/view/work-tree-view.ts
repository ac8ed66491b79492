import { lstatSync, realpathSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import ignore from 'ignore'
import { folderOf } from '../model/locate.ts'
import { nulList, runGit } from './git.ts'
import { foldersOf, type RepoView } from './view.ts'

/**
 * The repository as it lies on disk: tracked and untracked files that no ignore file excludes.
 *
 * Symbolic links are left out, and so is everything below a folder that has become one: nothing outside
 * the root is ever read. Outside git the `.gitignore` files on the way are honoured.
 */
export async function openWorkTreeView(root: string): Promise<RepoView> {
  const listed = await runGit(root, ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'])
  const candidates = listed.code === 0 ? nulList(listed.stdout) : await walk(root)
  const real = realpathSync(root)
  const safe = new Map<string, boolean>()
  const inside = (folder: string): boolean => {
    const known = safe.get(folder)
    if (known !== undefined) return known
    let ok = false
    try {
      ok = folder === '' || (realpathSync(join(root, folder)) === join(real, folder) && inside(folderOf(folder)))
    } catch {}
    safe.set(folder, ok)
    return ok
  }
  const paths = new Set<string>()
  for (const path of candidates) {
    try {
      if (inside(folderOf(path)) && lstatSync(join(root, path)).isFile()) paths.add(path)
    } catch {}
  }
  let folders: Set<string> | null = null
  return {
    root,
    kind: 'worktree',
    paths,
    get folders() {
      folders ??= foldersOf(paths)
      return folders
    },
    read: async (path) => (paths.has(path) ? readFile(join(root, path)).catch(() => null) : null),
    blobId: () => undefined,
    [Symbol.asyncDispose]: async () => {},
  }
}

async function walk(root: string): Promise<string[]> {
  const found: string[] = []
  const visit = async (folder: string, rules: readonly { base: string; match: ReturnType<typeof ignore> }[]): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])
    const own = entries.some((entry) => entry.name === '.gitignore' && entry.isFile())
      ? [...rules, { base: folder, match: ignore().add(await readFile(join(root, folder, '.gitignore'), 'utf8')) }]
      : rules
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isSymbolicLink() || entry.name === '.git' || entry.name === 'node_modules' || entry.name === '__pycache__')
        continue
      const ignored = own.some(({ base, match }) =>
        match.ignores((base === '' ? path : path.slice(base.length + 1)) + (entry.isDirectory() ? '/' : '')),
      )
      if (ignored) continue
      if (entry.isDirectory()) await visit(path, own)
      else if (entry.isFile()) found.push(path.split(sep).join('/'))
    }
  }
  await visit('', [])
  return found
}
