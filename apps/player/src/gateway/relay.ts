import type { EventEnvelope, ExactJson } from '@vectra/schemas'
import type { FinishedSummary } from '../protocol/messages.ts'
import { openFinishedGames } from './finished-games.ts'
import { eventText, exactPayload, slimOwnState, slimState } from './slim-state.ts'

/** Events that go to the page as they are. Everything else, chat and side games above all, stays in the store. */
const VERBATIM: ReadonlySet<string> = new Set([
  'playerUpdate',
  'usernameStatus',
  'standard/newTrade',
  'newSideBet',
  'currentSidebet',
  'currentSidebetResult',
  'maintenanceUpdate',
  'gameNotification',
  'rugpassQuestCompleted',
])

/** Of these the last one is repeated to a page that comes later. */
const REMEMBERED: ReadonlySet<string> = new Set(['usernameStatus', 'playerUpdate', 'maintenanceUpdate'])

/** Trades repeated to a page that comes later. */
const TRADES_KEPT = 40

/** What one event becomes for the pages. */
export interface Relayed {
  /** Socket.IO messages, numbers with their digits. */
  readonly texts: readonly string[]
  /** Rounds whose end this event revealed. */
  readonly finished: readonly FinishedSummary[]
}

/** Makes the feed small: what pages get of each event, and what a late page has to be told. */
export interface Relay {
  take(event: EventEnvelope): Relayed
  /** The present state as messages, in the order the game server would send them. */
  present(): readonly string[]
  /** Newest first. */
  readonly history: readonly FinishedSummary[]
}

const NOTHING: Relayed = { texts: [], finished: [] }

/** Nothing seen yet. */
export function openRelay(): Relay {
  const finishedGames = openFinishedGames()
  const last = new Map<string, string>()
  const trades: string[] = []
  let state: ReadonlyMap<string, ExactJson> | null = null
  let leaderboard: ExactJson | null = null
  let leaderboardText = ''

  function takeState(event: EventEnvelope): Relayed {
    const payload = exactPayload(event.raw_json, event.payload_index)
    if (payload === null) return NOTHING
    const slim = slimState(payload)
    const standings = slim.leaderboard === null ? '' : eventText('', slim.leaderboard)
    const changed = slim.leaderboard !== null && standings !== leaderboardText
    if (changed) {
      leaderboard = slim.leaderboard
      leaderboardText = standings
    }
    state = slim.payload
    const sent = changed ? new Map([...slim.payload, ['leaderboard', slim.leaderboard]]) : slim.payload
    return { texts: [eventText('gameStateUpdate', sent)], finished: finishedGames.add(payload.get('gameHistory')) }
  }

  return {
    take(event) {
      if (event.direction !== 'received' || event.acked !== null) return NOTHING
      try {
        if (event.event_name === 'gameStateUpdate') return takeState(event)
        if (event.event_name === 'gameStatePlayerUpdate') {
          const payload = exactPayload(event.raw_json, event.payload_index)
          if (payload === null) return NOTHING
          const text = eventText(event.event_name, slimOwnState(payload))
          // Without an own standing it says nothing: once is enough.
          if (text === last.get(event.event_name)) return NOTHING
          last.set(event.event_name, text)
          return { texts: [text], finished: [] }
        }
      } catch {
        // No JSON: it is in the store, with its issue.
        return NOTHING
      }
      if (!VERBATIM.has(event.event_name) || !event.raw_json.startsWith('[')) return NOTHING
      const text = `2${event.raw_json}`
      if (REMEMBERED.has(event.event_name)) last.set(event.event_name, text)
      if (event.event_name === 'standard/newTrade') {
        trades.push(text)
        if (trades.length > TRADES_KEPT) trades.shift()
      }
      return { texts: [text], finished: [] }
    },
    present() {
      const shown = state === null ? [] : [...state]
      const full = new Map<string, ExactJson>(leaderboard === null ? shown : [...shown, ['leaderboard', leaderboard]])
      return [
        ...(state === null ? [] : [eventText('gameStateUpdate', full)]),
        ...['usernameStatus', 'playerUpdate', 'gameStatePlayerUpdate', 'maintenanceUpdate'].flatMap(
          (name) => last.get(name) ?? [],
        ),
        ...trades,
      ]
    },
    history: finishedGames.all,
  }
}
