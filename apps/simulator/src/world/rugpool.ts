import type { Person } from './people.ts'
import type { Stream } from './streams.ts'

/** The pool that instant rugs fill. */
export interface Rugpool {
  /** Half of what the presale lost goes in when the game rugs by tick 6; the tenth such game pays out. */
  onRug(rugTick: number, lostPresale: number, now: number): void
  /** Three fields, as tick frames carry it. */
  brief(): { instarugCount: number; threshold: number; rugpoolAmount: number }
  /** All of it, as `gameStatePlayerUpdate` carries it. */
  full(): object
}

const THRESHOLD = 10
const INSTARUG_TICKS = 6
const SHARE = 0.5

/** A pool in the middle of its life. */
export function openRugpool(stream: Stream, crowd: readonly [Person, ...Person[]], now: number): Rugpool {
  let instarugCount = stream.integer(0, 9)
  let rugpoolAmount = Math.round(stream.between(0.7, 7.4) * 1e9) / 1e9
  const entrants = Array.from({ length: 10 }, () => ({ person: stream.pick(crowd), entries: stream.integer(50, 5000) })).toSorted(
    (a, b) => b.entries - a.entries,
  )
  const totalEntries = 8000 + entrants.reduce((sum, one) => sum + one.entries, 0)
  const draw = (at: number, total: number): object => ({
    timestamp: at,
    winners: entrants
      .slice(0, 3)
      .map(({ person, entries }) => ({ playerId: person.id, username: person.username, entries, reward: total / 3 })),
    rewardPerWinner: total / 3,
    totalPoolAmount: total,
  })
  let lastDrawing = draw(now - 3_600_000, 3.5)
  return {
    onRug(rugTick, lostPresale, at) {
      if (rugTick > INSTARUG_TICKS) return
      instarugCount += 1
      rugpoolAmount += lostPresale * SHARE
      if (instarugCount < THRESHOLD) return
      lastDrawing = draw(at, rugpoolAmount)
      instarugCount = 0
      rugpoolAmount = 0
    },
    brief: () => ({ instarugCount, threshold: THRESHOLD, rugpoolAmount }),
    full: () => ({
      instarugCount,
      threshold: THRESHOLD,
      rugpoolAmount,
      totalEntries,
      playersWithEntries: 120,
      solPerEntry: 0.001,
      maxEntriesPerPlayer: 5000,
      playerEntries: entrants.map(({ person, entries }) => ({
        playerId: person.id,
        username: person.username,
        entries,
        percentage: (entries / totalEntries) * 100,
      })),
      lastDrawing,
      config: { threshold: THRESHOLD, instarugThreshold: INSTARUG_TICKS, rugpoolPercentage: SHARE },
    }),
  }
}
