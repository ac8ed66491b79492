import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import ignore, { type Ignore } from 'ignore'

/** One file of a repository. */
export interface RepositoryFile {
  /** Relative to the root, with `/`. */
  readonly path: string
  /** Hash of its bytes. */
  readonly version: string
  read(): Promise<string>
}

/** Folders that never hold documentation of their own. */
const NEVER = new Set(['.git', 'node_modules', 'dist', '.turbo'])
/** Larger files are no documentation. */
const MAX_BYTES = 1024 * 1024

interface Rules {
  readonly base: string
  readonly match: Ignore
}

/**
 * The wanted files of a repository, by path: what ignore files exclude is left out, links are not followed.
 *
 * @throws the system's error when the root cannot be read
 */
export async function repositoryFiles(root: string, wanted: (path: string) => boolean): Promise<RepositoryFile[]> {
  const files: RepositoryFile[] = []
  const visit = async (folder: string, inherited: readonly Rules[]): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true })
    const rules = entries.some((entry) => entry.name === '.gitignore' && entry.isFile())
      ? [...inherited, { base: folder, match: ignore().add(await readFile(join(folder, '.gitignore'), 'utf8')) }]
      : inherited
    for (const entry of entries) {
      const absolute = join(folder, entry.name)
      const isFolder = entry.isDirectory()
      if (NEVER.has(entry.name) || (!isFolder && !entry.isFile()) || isIgnored(absolute, isFolder, rules)) continue
      if (isFolder) {
        await visit(absolute, rules)
        continue
      }
      const path = relative(root, absolute).split(sep).join('/')
      if (!wanted(path)) continue
      const bytes = await readFile(absolute)
      if (bytes.byteLength > MAX_BYTES) continue
      const version = createHash('sha256').update(bytes).digest('hex').slice(0, 32)
      files.push({ path, version, read: async () => bytes.toString('utf8') })
    }
  }
  await visit(root, [])
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

function isIgnored(absolute: string, isFolder: boolean, rules: readonly Rules[]): boolean {
  return rules.some(({ base, match }) => match.ignores(`${relative(base, absolute).split(sep).join('/')}${isFolder ? '/' : ''}`))
}

/** The repository around a folder: the nearest one above it that holds `.git`; undefined outside of any. */
export function findRepository(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at
    if (dirname(at) === at) return undefined
  }
}
