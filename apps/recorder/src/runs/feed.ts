import type { SessionMeta } from '@vectra/event-store'
import type { Source } from '@vectra/ingest'

/**
 * What makes two recordings recordings of the same feed: kind of source and address. Undefined for what is no live feed: a
 * replay or an import has no time of day in which it could have been missed.
 */
export function feedOf({ name, origin, meta }: Pick<Source, 'name' | 'origin' | 'meta'>): string | undefined {
  if (origin !== null || (name !== 'public_ws' && name !== 'cdp') || typeof meta?.url !== 'string') return undefined
  return `${name} ${meta.url} ${String(meta.path ?? '')}`
}

/** The feed of a stored session. */
export function feedOfSession({ source, origin, meta }: SessionMeta): string | undefined {
  if (source === null || typeof meta !== 'object' || meta === null) return undefined
  return feedOf({ name: source, origin, meta: meta as NonNullable<Source['meta']> })
}
