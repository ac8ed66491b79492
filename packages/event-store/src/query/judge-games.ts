import type { DocType } from '@vectra/schemas'
import { type Completeness, completenessOf } from '../completeness.ts'
import type { EventFilter } from './events.ts'
import { type GameFilter, readGames } from './games.ts'
import { type JudgeDeps, judge } from './judge.ts'
import type { ReadOptions } from './reader.ts'

/** How far from a game's frames its other events may be. */
const NEAR = 10_000_000

/** What is known to be missing from a list of games; each game says for itself what is missing from it. */
export function judgeGames(deps: JudgeDeps, { since, until, signal, fresh }: GameFilter): Promise<Completeness> {
  return judge(deps, { docTypes: ['game_tick', 'ws_event', 'system_event'], since, until }, { signal, fresh })
}

/** What is known to be missing from the rows of one game. */
export async function judgeGame(
  deps: JudgeDeps,
  gameId: string,
  docTypes: readonly DocType[] | undefined,
  { signal, fresh }: Pick<ReadOptions, 'signal' | 'fresh'>,
): Promise<Completeness> {
  for await (const game of readGames(deps.reader, { gameId, signal, fresh })) {
    const around = { docTypes, since: game.firstTs - NEAR, until: game.lastTs + NEAR }
    const { reasons } = await judge(deps, around, { signal, fresh })
    // Whether a gap of one recording matters to the game is decided by all its recordings together.
    const gapped = game.reasons.includes('gap')
    return completenessOf([
      ...game.completeness.reasons.filter(({ code }) => code !== 'bad_file'),
      ...reasons.filter(({ code }) => code !== 'gap' || gapped),
    ])
  }
  return judge(deps, { docTypes }, { signal, fresh })
}

/** What is known to be missing from a list of events. */
export function judgeEvents(deps: JudgeDeps, filter: EventFilter): Promise<Completeness> {
  const { gameId, docTypes, since, until, sessionId, signal, fresh } = filter
  if (gameId !== undefined) return judgeGame(deps, gameId, docTypes, { signal, fresh })
  return judge(deps, { docTypes, since, until, sessionId }, { signal, fresh })
}
