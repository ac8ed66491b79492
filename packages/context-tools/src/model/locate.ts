/** Base name of the directory form. */
export const CONTEXT_NAME = 'CONTEXT.md'

/** True for `dir/CONTEXT.md` and `dir/name.CONTEXT.md`. */
export function isContextPath(path: string): boolean {
  const base = baseOf(path)
  return base === CONTEXT_NAME || (base.endsWith(`.${CONTEXT_NAME}`) && base.length > CONTEXT_NAME.length + 1)
}

/** Folder part of a repository path, `''` for the root. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '' : path.slice(0, slash)
}

/** Last component of a repository path. */
export function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Path without its last extension: `src/a.test.ts` becomes `src/a.test`. */
export function stemOf(path: string): string {
  const base = baseOf(path)
  const dot = base.lastIndexOf('.')
  return dot <= 0 ? path : path.slice(0, path.length - (base.length - dot))
}

/** Joins a folder and a relative path, resolving `.` and `..`; `null` when the result leaves the repository. */
export function joinPath(folder: string, relative: string): string | null {
  const out = folder === '' ? [] : folder.split('/')
  for (const part of relative.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') out.push(part)
    else if (out.pop() === undefined) return null
  }
  return out.join('/')
}

/** Relative path between two repository paths, always starting with `./` or `../`. */
export function relativePath(fromFolder: string, to: string): string {
  const a = fromFolder === '' ? [] : fromFolder.split('/')
  const b = to.split('/')
  let shared = 0
  while (shared < a.length && shared < b.length - 1 && a[shared] === b[shared]) shared++
  const up = a.length - shared
  return (up === 0 ? './' : '../'.repeat(up)) + b.slice(shared).join('/')
}

/** What a CONTEXT.md path speaks about: a folder, or one file given without extension. */
export function subjectOf(path: string): { form: 'directory' | 'file'; subject: string } {
  const base = baseOf(path)
  if (base === CONTEXT_NAME) return { form: 'directory', subject: folderOf(path) }
  return { form: 'file', subject: path.slice(0, path.length - CONTEXT_NAME.length - 1) }
}

/**
 * The CONTEXT.md that answers for a source file: `name.CONTEXT.md` wins over `dir/CONTEXT.md`.
 * A folder further up does not count: each module folder speaks for itself.
 */
export function contextOf(path: string, has: (path: string) => boolean): string | null {
  const folder = folderOf(path)
  const full = `${path}.${CONTEXT_NAME}`
  const own = `${stemOf(path)}.${CONTEXT_NAME}`
  const shared = folder === '' ? CONTEXT_NAME : `${folder}/${CONTEXT_NAME}`
  return [own, full, shared].find(has) ?? null
}
