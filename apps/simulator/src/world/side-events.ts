import type { EraShape } from './era.ts'
import { traced, type WireEvent } from './events.ts'
import type { Person } from './people.ts'
import type { Stream } from './streams.ts'

/** Events beside the game: they never touch money, and give parsers their less common shapes. */
export interface SideEvents {
  /** What follows the full state on a public connection, in the real order. */
  greeting(now: number): WireEvent[]
  /** One of them, now and then. */
  any(now: number): WireEvent
  /** A name nobody has heard of. */
  unknown(): WireEvent
  /** Just after the repeated rug frame while golden hour runs; null otherwise. */
  goldenDrawing(now: number, gameId: string): WireEvent | null
  /** `rugRoyale` of tick frames. */
  royaleState(): object
  readonly royaleScheduled: boolean
}

/** Fixed for one simulation: whether golden hour runs, whether a royale is scheduled. */
export function openSideEvents(
  shape: EraShape,
  stream: Stream,
  crowd: readonly [Person, ...Person[]],
  startAt: number,
): SideEvents {
  const golden = stream.chance(0.5)
  const royaleScheduled = stream.chance(0.5)
  const hour = (offset: number): string => new Date(Math.ceil(startAt / 3_600_000) * 3_600_000 + offset * 3_600_000).toISOString()
  const royale = (offset: number): Record<string, unknown> => ({
    id: `admin-${stream.uuid()}`,
    startTime: hour(offset),
    endTime: hour(offset + 1),
    prepTimeMinutes: 30,
    levelRequired: 10,
    status: 'SCHEDULED',
    createdAt: hour(-6),
    createdBy: 'admin',
    startingBalance: 100,
    customPrizes: {
      '1': 1,
      '2': 0.5,
      '3': 0.25,
      '4': 0.1,
      '5': 0.025,
      '6': 0.025,
      '7': 0.025,
      '8': 0.025,
      '9': 0.025,
      '10': 0.025,
    },
  })
  const goldenEvent = {
    id: `golden-${stream.uuid()}`,
    startTime: hour(-1),
    endTime: hour(1),
    prepTimeMinutes: 5,
    levelRequired: 5,
    status: 'SCHEDULED',
    createdAt: hour(-6),
    createdBy: 'admin',
    prizeAmount: 0.05,
    maxEntries: 50,
    durationMinutes: 120,
  }
  const events = royaleScheduled ? [royale(-2), royale(1), royale(3)] : []
  const current = events[1] ?? null
  const scheduled = {
    status: current === null ? 'INACTIVE' : 'SCHEDULED',
    activeEventId: current?.id ?? null,
    currentEvent: current,
    upcomingEvents: [],
    events,
  }
  const standing = (rank: number, now: number): object => {
    const person = crowd[(rank * 7) % crowd.length] ?? crowd[0]
    return {
      playerId: person.id,
      username: person.username ?? 'anon',
      balance: Math.round(4e12 / rank) / 1e9,
      level: person.level,
      lastUpdated: now - rank * 1000,
      rank,
    }
  }
  const shortForm =
    current === null
      ? null
      : { id: current.id, startTime: current.startTime, endTime: current.endTime, prepTimeMinutes: current.prepTimeMinutes }
  const prizes = {
    '1': 1,
    '2': 0.5,
    '3': 0.25,
    '4': 0.1,
    '5': 0.025,
    '6': 0.025,
    '7': 0.025,
    '8': 0.025,
    '9': 0.025,
    '10': 0.025,
  }
  const royaleUpdate = (now: number): WireEvent => ({
    name: 'rugRoyaleUpdate',
    args: [
      {
        ...scheduled,
        currentEvent: shortForm,
        leaderboard: Array.from({ length: 10 }, (_, index) => standing(index + 1, now)),
        history: [],
        playerPosition: null,
        timeRemaining: null,
        finalRound: false,
        isInFinalRound: false,
        config: { token: '0xPractice', startingBalance: 100, prepTimeMinutes: 30, levelRequired: 10, prizeTiers: prizes },
      },
    ],
  })
  const battle = (): WireEvent =>
    traced(shape, stream, 'battleEventUpdate', {
      status: 'SCHEDULED',
      startTime: null,
      endTime: null,
      nextEventStartTime: null,
      currentEvent: null,
      nextEvent: null,
      leaderboard: [],
      fullLeaderboardSize: 0,
      playerPosition: null,
      participantCount: 0,
      activeBattleCount: 0,
      lobbyCreationDisabled: false,
      queue: { active: false, queueSize: 0, availableLobbies: 0 },
      isShowingPreviousEvent: null,
      eventSchedule: [],
      config: { token: '0xPractice', startingBalance: 100, prepTimeMinutes: 30, levelRequired: 1 },
    })
  const goldenUpdate = (): WireEvent =>
    traced(shape, stream, 'goldenHourUpdate', {
      status: golden ? 'ACTIVE' : 'COMPLETED',
      activeEventId: golden ? goldenEvent.id : null,
      currentGameIsGolden: golden,
      currentEvent: golden ? goldenEvent : null,
      upcomingEvents: [],
      events: [goldenEvent],
    })
  const sidebetEvent = (now: number): WireEvent =>
    traced(shape, stream, 'sidebetEventUpdate', {
      status: 'INACTIVE',
      activeEventId: null,
      currentEvent: null,
      upcomingEvents: [],
      events: [],
      leaderboard: Array.from({ length: 3 }, (_, index) => {
        const person = crowd[index] ?? crowd[0]
        return {
          playerId: person.id,
          username: person.username ?? 'anon',
          sidebetsHit: 3 - index,
          sidebetsPlaced: 9,
          accuracy: 33.3,
          avgTicksOff: 11.5,
          level: person.level,
          lastUpdated: now,
          rank: index + 1,
        }
      }),
      history: [],
      playerPosition: null,
      timeRemaining: null,
      config: { prepTimeMinutes: 30, levelRequired: 1, prizeTiers: { '1': 0.1 } },
    })
  const maintenance = (): WireEvent => traced(shape, stream, 'maintenanceUpdate', { active: false, message: '', mega: false })
  return {
    royaleScheduled,
    royaleState: () => scheduled,
    greeting: (now) => [goldenUpdate(), battle(), royaleUpdate(now), sidebetEvent(now), battle(), maintenance()],
    any: (now) => (stream.chance(0.6) ? battle() : stream.chance(0.6) ? royaleUpdate(now) : goldenUpdate()),
    unknown: () =>
      traced(shape, stream, stream.pick(['diddyPartyUpdate', 'pinpointPartyEventUpdate', 'unlistedFeatureUpdate']), {
        status: 'INACTIVE',
        nested: { __proto__x: null, list: [1, '2', null] },
      }),
    goldenDrawing(now, gameId) {
      if (!golden) return null
      const entries = Array.from({ length: stream.integer(2, 8) }, () => stream.pick(crowd)).map((person) => ({
        playerId: person.id,
        username: person.username ?? 'anon',
        entryCount: stream.integer(1, 50),
      }))
      const total = entries.reduce((sum, one) => sum + one.entryCount, 0)
      const winnerIndex = stream.integer(0, entries.length - 1)
      return traced(shape, stream, 'goldenHourDrawing', {
        id: stream.uuid(),
        timestamp: now,
        gameId,
        entries: entries.map((one) => ({ ...one, entryPercentage: (one.entryCount / total) * 100 })),
        winnerIndex,
        winnerPlayerId: entries[winnerIndex]?.playerId ?? null,
        prizeAmount: 0.05,
      })
    },
  }
}
