import { baseOf, folderOf, stemOf } from '../model/locate.ts'

/** Edits between two short texts (insert, delete, replace, swap), cut off above `limit`. */
export function distance(a: string, b: string, limit = 4): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_value, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min((last[j] as number) + 1, (row[j - 1] as number) + 1, (last[j - 1] as number) + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (before[j - 2] as number) + 1)
      row.push(best)
    }
    before = last
    last = row
  }
  return last[b.length] as number
}

/** The closest of the candidates, when it is close enough to be a slip of the pen: most of a short name has to be the same. */
export function nearestName(name: string, candidates: Iterable<string>): string | null {
  let best: { name: string; far: number } | null = null
  for (const candidate of candidates) {
    const far = candidate.toLowerCase() === name.toLowerCase() ? 0.5 : distance(name, candidate)
    const near = far < 1 || (far * 2 < name.length && far <= Math.max(1, Math.floor(name.length / 3)))
    if (candidate !== name && near && (best === null || far < best.far)) best = { name: candidate, far }
  }
  return best?.name ?? null
}

/**
 * Where a path that no longer exists may have gone: a rename git knows of, the same name elsewhere,
 * another extension, a slip of the pen. Best first; `sure` when the first one has no rival.
 */
export function nearestPaths(
  missing: string,
  paths: Iterable<string>,
  renames: ReadonlyMap<string, string> = new Map(),
): { paths: string[]; sure: boolean } {
  const renamed = renames.get(missing)
  if (renamed !== undefined) return { paths: [renamed], sure: true }
  const base = baseOf(missing)
  const stem = baseOf(stemOf(missing))
  const folder = folderOf(missing)
  const ranked: { path: string; rank: number }[] = []
  let exact = 0
  for (const path of paths) {
    const name = baseOf(path)
    if (name === base) {
      exact++
      ranked.push({ path, rank: 10 - shared(path, missing) / 100 })
    } else if (folderOf(path) === folder && baseOf(stemOf(path)) === stem) ranked.push({ path, rank: 20 })
    else if (folderOf(path) === folder && distance(name, base) <= Math.max(1, Math.min(3, Math.floor(stem.length / 3))))
      ranked.push({ path, rank: 30 + distance(name, base) })
  }
  ranked.sort((a, b) => a.rank - b.rank || (a.path < b.path ? -1 : 1))
  return {
    paths: ranked.slice(0, 3).map((one) => one.path),
    sure: exact === 1 || (exact === 0 && ranked.length === 1 && (ranked[0] as { rank: number }).rank === 20),
  }
}

function shared(a: string, b: string): number {
  const [left, right] = [a.split('/').reverse(), b.split('/').reverse()]
  let count = 0
  while (count < left.length && left[count] === right[count]) count++
  const [head, other] = [a.split('/'), b.split('/')]
  let top = 0
  while (top < head.length && head[top] === other[top]) top++
  return count * 10 + top
}
