/** What one answer may take, in characters of JSON. */
export const DEFAULT_CHARS = 20_000

/** What the frame of an answer takes besides its items: notice, cursor, keys. */
export const ENVELOPE_CHARS = 500

/** Characters a value takes in an answer, where `<` is escaped. */
export function sizeOf(value: unknown): number {
  const json = JSON.stringify(value)
  return json.length + 5 * (json.split('<').length - 1)
}

/** A page cut to fit: what fits, and whether there is more. */
export interface Page<T> {
  readonly items: readonly T[]
  /** True when items were left out, or values were shortened. */
  readonly truncated: boolean
  /** The last item that was kept, when there are more behind it. */
  readonly last: T | undefined
  /** Names of the values that were shortened. */
  readonly cut: readonly string[]
}

const CUT = '… [cut]'

/** Shortens the longest strings of a record until its JSON has at most `maxChars` characters. Names of what was cut go to `cut`. */
export function shorten<T>(value: T, maxChars: number, cut: Set<string>): T {
  let shown = value
  for (let tries = 0; tries < 64 && sizeOf(shown) > maxChars; tries++) {
    const longest = longestText(shown, [])
    if (longest === undefined || longest.text.length <= CUT.length + 8) break
    const over = sizeOf(shown) - maxChars
    const keep = Math.max(8, Math.min(longest.text.length - over - CUT.length, longest.text.length - CUT.length - 1))
    cut.add(longest.path.filter((part) => typeof part === 'string').join('.') || 'text')
    shown = replaced(shown, longest.path, `${longest.text.slice(0, keep).toWellFormed()}${CUT}`) as T
  }
  return shown
}

/**
 * Takes items until one page is full: `limit` items or `maxChars` of JSON. The first item is always given, shortened if it must be,
 * so that paging ends.
 */
export async function takePage<T, Shown>(
  items: AsyncIterable<T> | Iterable<T>,
  { limit, maxChars, show }: { readonly limit: number; readonly maxChars: number; readonly show: (item: T) => Shown },
): Promise<Page<T> & { readonly shown: readonly Shown[] }> {
  const kept: T[] = []
  const shown: Shown[] = []
  const cut = new Set<string>()
  let left = maxChars
  for await (const item of items) {
    if (kept.length === limit) return { items: kept, shown, truncated: true, last: kept.at(-1), cut: [...cut] }
    const value = show(item)
    const length = sizeOf(value) + 1
    if (length > left && kept.length > 0) return { items: kept, shown, truncated: true, last: kept.at(-1), cut: [...cut] }
    const fitted = length > left ? shorten(value, left, cut) : value
    left -= sizeOf(fitted) + 1
    kept.push(item)
    shown.push(fitted)
  }
  return { items: kept, shown, truncated: cut.size > 0, last: undefined, cut: [...cut] }
}

/** As many items as fit, from the beginning; perhaps none. For lists that have no next page: how many there are is said elsewhere. */
export function takeFitting<T>(items: readonly T[], maxChars: number, limit = items.length): readonly T[] {
  let left = maxChars
  const kept = items.slice(0, limit)
  const end = kept.findIndex((item) => {
    left -= sizeOf(item) + 1
    return left < 0
  })
  return end < 0 ? kept : kept.slice(0, end)
}

type Path = readonly (string | number)[]

function longestText(value: unknown, path: Path): { readonly path: Path; readonly text: string } | undefined {
  if (typeof value === 'string') return { path, text: value }
  if (typeof value !== 'object' || value === null) return undefined
  let found: { readonly path: Path; readonly text: string } | undefined
  for (const [key, item] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
    const one = longestText(item, [...path, key])
    if (one !== undefined && one.text.length > (found?.text.length ?? -1)) found = one
  }
  return found
}

function replaced(value: unknown, path: Path, text: string): unknown {
  const [head, ...rest] = path
  if (head === undefined) return text
  if (Array.isArray(value)) return value.map((item, index) => (index === head ? replaced(item, rest, text) : item))
  return Object.fromEntries(
    Object.entries(value as object).map(([key, item]) => [key, key === head ? replaced(item, rest, text) : item]),
  )
}
