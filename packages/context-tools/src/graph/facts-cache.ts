import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type BusPatterns, FACTS_VERSION } from './facts.ts'

/** What was read out of a blob, by content: the same one in work tree, index and history is parsed once. Values are plain JSON. */
export interface FactsCache {
  get(key: string): unknown
  has(key: string): boolean
  /** True when nothing was ever put in. */
  readonly isEmpty: boolean
  put(key: string, value: unknown): void
}

/** Cache that lives as long as its object. */
export function memoryCache(): FactsCache {
  const held = new Map<string, unknown>()
  return {
    get: (key) => held.get(key),
    has: (key) => held.has(key),
    get isEmpty() {
      return held.size === 0
    },
    put: (key, value) => void held.set(key, value),
  }
}

/** Key of a file's facts: content, kind of file and the call patterns that shaped them. */
export function factsKey(blobId: string, path: string, bus: BusPatterns): string {
  const extension = path.slice(path.lastIndexOf('.') + 1)
  return `${blobId}.${extension}.${busKey(bus)}`
}

/** Key of a parsed CONTEXT.md: its path shapes what is read out of it. */
export function contextKey(blobId: string, path: string): string {
  return `${blobId}.context.${createHash('sha256').update(path).digest('hex').slice(0, 12)}`
}

/** Key of the places a CONTEXT.md mentions: they depend on its folder. */
export function placesKey(blobId: string, path: string): string {
  return `${blobId}.places.${createHash('sha256').update(path).digest('hex').slice(0, 12)}`
}

const busKeys = new WeakMap<BusPatterns, string>()

function busKey(bus: BusPatterns): string {
  const known = busKeys.get(bus)
  if (known !== undefined) return known
  const key = createHash('sha256')
    .update(JSON.stringify([bus.publish, bus.subscribe]))
    .digest('hex')
    .slice(0, 8)
  busKeys.set(bus, key)
  return key
}

/** Cache file name; another version never reads it. */
export const CACHE_NAME = `facts-${FACTS_VERSION}.ndjson`

/**
 * Cache over an append-only file of `key<TAB>json` lines. Lines are parsed when asked for, so opening 10 MB costs
 * milliseconds; a torn or foreign line is simply not found.
 *
 * @param append writes what is new; called once by `save`
 */
export function fileCache(path: string, append: (path: string, text: string) => void): FactsCache & { save(): void } {
  const lines = new Map<string, string>()
  const held = new Map<string, unknown>()
  const fresh: string[] = []
  let text = ''
  try {
    text = readFileSync(path, 'utf8')
  } catch {}
  for (let at = 0; at < text.length; ) {
    const tab = text.indexOf('\t', at)
    const end = text.indexOf('\n', at)
    if (end < 0) break
    if (tab > at && tab < end) lines.set(text.slice(at, tab), text.slice(tab + 1, end))
    at = end + 1
  }
  return {
    get(key) {
      const known = held.get(key)
      const line = known === undefined ? lines.get(key) : undefined
      if (line === undefined) return known
      try {
        const facts: unknown = JSON.parse(line)
        held.set(key, facts)
        return facts
      } catch {
        return undefined
      }
    },
    has: (key) => held.has(key) || lines.has(key),
    get isEmpty() {
      return lines.size === 0 && held.size === 0
    },
    put(key, facts) {
      held.set(key, facts)
      fresh.push(`${key}\t${JSON.stringify(facts)}\n`)
    },
    save() {
      if (fresh.length > 0) append(path, fresh.splice(0).join(''))
    },
  }
}
