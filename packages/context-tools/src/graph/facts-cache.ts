import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type BusPatterns, FACTS_VERSION, type FileFacts } from './facts.ts'

/** Facts by content: the same blob in work tree, index and history is parsed once. */
export interface FactsCache {
  get(key: string): FileFacts | undefined
  put(key: string, facts: FileFacts): void
}

/** Cache that lives as long as its object. */
export function memoryCache(): FactsCache {
  const held = new Map<string, FileFacts>()
  return { get: (key) => held.get(key), put: (key, facts) => void held.set(key, facts) }
}

/** Key of a file's facts: content, kind of file and the call patterns that shaped them. */
export function factsKey(blobId: string, path: string, bus: BusPatterns): string {
  const extension = path.slice(path.lastIndexOf('.') + 1)
  return `${blobId}.${extension}.${busKey(bus)}`
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
  const held = new Map<string, FileFacts>()
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
        const facts = JSON.parse(line) as FileFacts
        held.set(key, facts)
        return facts
      } catch {
        return undefined
      }
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
