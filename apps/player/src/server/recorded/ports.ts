import type { QueryEngine } from '@vectra/event-store'
import type { FairnessCard, SearchAnswer } from '../../protocol/recorded.ts'

/** A question for the search box. */
export interface SearchQuestion {
  readonly text: string
  readonly tables: readonly ('events' | 'code' | 'notes')[]
  readonly limit: number
}

/** What the page can do besides reading the store; whoever starts it wires them. Absent: the page says that it is not there. */
export interface RecordedPorts {
  /** Searches the vector tables. */
  readonly search?: (question: SearchQuestion, signal: AbortSignal) => Promise<SearchAnswer>
  /** Recomputes a game from its seed; null when nothing is known of the game. */
  readonly fairness?: (query: QueryEngine, gameId: string, signal: AbortSignal) => Promise<FairnessCard | null>
  /** Called when the server closes. */
  readonly close?: () => Promise<void>
}
