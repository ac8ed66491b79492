import { regenerate, serverSeedHash } from '@vectra/game'
import { type ExactJson, NumberLiteral } from '@vectra/schemas'
import type { FinishedSummary } from '../protocol/messages.ts'
import { isMembers, literalOf } from './slim-state.ts'

/** Finished rounds kept for the page's strip. */
const KEPT = 100
/** Points of a small picture. */
const SHAPE_POINTS = 24

/** Finished rounds, newest first, each once: what a late page is told, and what is new in a frame. */
export interface FinishedGames {
  readonly all: readonly FinishedSummary[]
  /** Takes a `gameHistory`; returns the rounds that were not known, oldest first. */
  add(history: ExactJson | undefined): FinishedSummary[]
}

/** Empty. */
export function openFinishedGames(): FinishedGames {
  const games: FinishedSummary[] = []
  return {
    all: games,
    add(history) {
      if (!Array.isArray(history)) return []
      const fresh: FinishedSummary[] = []
      for (const entry of [...history].reverse()) {
        // Every full frame repeats the last ten rounds; each is recomputed from its seed once.
        const id = isMembers(entry) ? entry.get('id') : null
        if (games.some(({ gameId }) => gameId === id)) continue
        const summary = summaryOf(entry)
        if (summary === null) continue
        games.unshift(summary)
        fresh.push(summary)
      }
      games.splice(KEPT)
      return fresh
    },
  }
}

/** One entry of `gameHistory`, small. Since Feb 2026 it has no prices: then the path comes from the revealed seed. */
function summaryOf(entry: ExactJson): FinishedSummary | null {
  if (!isMembers(entry)) return null
  const [gameId, peak, fair] = [entry.get('id'), literalOf(entry.get('peakMultiplier')), entry.get('provablyFair')]
  if (typeof gameId !== 'string' || peak === null) return null
  const serverSeed = isMembers(fair) ? fair.get('serverSeed') : undefined
  const hash = isMembers(fair) ? fair.get('serverSeedHash') : undefined
  const seed = typeof serverSeed === 'string' ? serverSeed : null
  const computed = seed === null ? null : recomputed(seed, gameId, entry.get('gameVersion'))
  const sent = entry.get('prices')
  const path = Array.isArray(sent)
    ? sent.flatMap((price) => (price instanceof NumberLiteral ? [price.toNumber()] : []))
    : (computed?.prices ?? [])
  const agrees = computed === null || computed.peak === Number(peak)
  const hashed = seed === null || typeof hash !== 'string' ? null : serverSeedHash(seed) === hash
  return {
    gameId,
    peak,
    rugTick: path.length > 0 ? path.length - 1 : null,
    serverSeed: seed,
    proof: computed === null || hashed === null ? null : agrees && hashed ? 'fair' : 'mismatch',
    shape: shapeOf(path),
  }
}

function recomputed(seed: string, gameId: string, version: ExactJson | undefined): ReturnType<typeof regenerate> | null {
  try {
    return regenerate(seed, gameId, typeof version === 'string' ? version : 'v3')
  } catch {
    return null
  }
}

/** The highest price of each stretch of the path: peaks stay visible. */
function shapeOf(path: readonly number[]): number[] {
  if (path.length <= SHAPE_POINTS) return [...path]
  return Array.from({ length: SHAPE_POINTS }, (_, index) => {
    const [from, to] = [index, index + 1].map((at) => Math.floor((at * path.length) / SHAPE_POINTS))
    return index === SHAPE_POINTS - 1 ? (path.at(-1) ?? 0) : Math.max(...path.slice(from, to))
  })
}
