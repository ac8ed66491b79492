import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import ignore, { type Ignore } from 'ignore'

/** One file of a repository. */
export interface RepositoryFile {
  /** Relative to the root, with `/`. */
  readonly path: string
  /** SHA-256 of its bytes. */
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
 * @param except absolute folders that are not looked into
 * @throws the system's error when the root cannot be read
 */
export async function repositoryFiles(
  root: string,
  wanted: (path: string) => boolean,
  except: readonly string[] = [],
): Promise<RepositoryFile[]> {
  const files: RepositoryFile[] = []
  await walk(root, except, async (path, absolute) => {
    if (!wanted(path)) return
    const bytes = await readFile(absolute)
    if (bytes.byteLength > MAX_BYTES) return
    const version = createHash('sha256').update(bytes).digest('hex')
    files.push({ path, version, read: async () => bytes.toString('utf8') })
  })
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** What the files of a repository are right now, without reading them: equal texts mean that nothing was written meanwhile. */
export async function repositoryState(root: string, except: readonly string[] = []): Promise<string> {
  const lines: string[] = []
  await walk(root, except, async (path, absolute) => {
    const { size, mtimeMs, ctimeMs } = await lstat(absolute)
    lines.push(`${path}\0${size}\0${mtimeMs}\0${ctimeMs}`)
  })
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex')
}

async function walk(
  root: string,
  except: readonly string[],
  take: (path: string, absolute: string) => Promise<void>,
): Promise<void> {
  const visit = async (folder: string, inherited: readonly Rules[]): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true })
    const rules = entries.some((entry) => entry.name === '.gitignore' && entry.isFile())
      ? [...inherited, { base: folder, match: ignore().add(await readFile(join(folder, '.gitignore'), 'utf8')) }]
      : inherited
    await Promise.all(
      entries.map(async (entry) => {
        const absolute = join(folder, entry.name)
        const isFolder = entry.isDirectory()
        if (NEVER.has(entry.name) || (!isFolder && !entry.isFile()) || isIgnored(absolute, isFolder, rules)) return
        if (!isFolder) return unlessGone(take(relative(root, absolute).split(sep).join('/'), absolute))
        if (!except.includes(absolute)) await unlessGone(visit(absolute, rules))
      }),
    )
  }
  await visit(root, [])
}

/** A file or folder that goes away while one looks is not there. */
async function unlessGone(work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
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
