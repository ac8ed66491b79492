import type { QueryEngine } from '@vectra/event-store'
import { type ValueCheck, verifyGame } from '@vectra/game'
import type { Indexer } from '@vectra/indexer'
import type { FairnessCard, RecordedPorts, SearchAnswer, SearchQuestion } from '@vectra/player'
import type { CommandContext } from './context.ts'
import { storedGame } from './fair/stored-games.ts'

/** What the page's Replay and Data screens can do besides reading the store: fairness and the search tables. */
export function recordedPorts(context: CommandContext): RecordedPorts {
  let opened: Promise<Indexer> | undefined
  const indexer = (): Promise<Indexer> => {
    // The model and the tables are loaded when somebody searches, and stay for the next question.
    opened ??= import('./indexing.ts').then(async ({ openTables }) => (await openTables(context, {})).indexer)
    opened.catch(() => {
      opened = undefined
    })
    return opened
  }
  return {
    search: async (question, signal) => searchAnswer(await indexer(), question, signal),
    fairness: fairnessCard,
    async close() {
      const open = await opened?.catch(() => undefined)
      await open?.[Symbol.asyncDispose]()
    },
  }
}

async function searchAnswer(
  indexer: Indexer,
  { text, tables, limit }: SearchQuestion,
  signal: AbortSignal,
): Promise<SearchAnswer> {
  const { tablesOf } = await import('./indexing.ts')
  const [first, ...others] = tablesOf(tables) ?? []
  if (first === undefined) return { hits: [], notices: ['no table was named'], freshness: '' }
  const answer = await indexer.search({ text, tables: [first, ...others], k: limit, signal })
  return {
    hits: answer.hits.map(({ table, kind, title, snippet, score, reference }) => ({
      table,
      kind,
      title,
      text: snippet.text,
      matches: snippet.matches,
      score,
      gameId: reference.game_id ?? null,
      session: reference.session_id ?? null,
      seq: reference.seq ?? null,
      path: reference.path ?? null,
      verdict: reference.verdict ?? null,
    })),
    notices: answer.notices,
    freshness: answer.freshness
      .map(({ table, rows, complete }) => `${table} ${rows} rows${complete ? '' : ', not complete: vectra index run'}`)
      .join('; '),
  }
}

function checkText(check: ValueCheck, fit: string): string {
  if (check.status === 'absent') return 'nothing was recorded to compare with'
  return check.status === 'ok' ? fit : `recorded ${check.recorded ?? '?'}, computed ${check.computed ?? '?'}`
}

/** The verdict on one game, in the words of the card. */
export async function fairnessCard(query: QueryEngine, gameId: string, signal: AbortSignal): Promise<FairnessCard | null> {
  const game = await storedGame(query, gameId, signal)
  if (game === undefined) return null
  const report = verifyGame(game)
  const { ticks } = report
  const first = ticks.firstDifference
  return {
    verdict: report.verdict,
    seed: game.serverSeed ?? null,
    seedHash: game.serverSeedHash ?? null,
    checks: [
      { name: 'Seed', status: report.hash.status, text: checkText(report.hash, 'its hash is the one published before the game') },
      {
        name: 'Prices',
        status: ticks.status,
        text:
          ticks.compared === 0
            ? 'no recorded price can be compared'
            : `${ticks.equal} of ${ticks.compared} equal${first === null ? '' : `; first difference at tick ${first.tick}: recorded ${first.recorded}, computed ${first.computed ?? 'no such tick'}`}`,
      },
      { name: 'Peak', status: report.peak.status, text: checkText(report.peak, report.peak.computed ?? '') },
      { name: 'Rug tick', status: report.rugTick.status, text: checkText(report.rugTick, report.rugTick.computed ?? '') },
      { name: 'Rug price', status: report.rugPrice.status, text: checkText(report.rugPrice, report.rugPrice.computed ?? '') },
    ],
    faults: report.faults.map(({ message }) => message),
  }
}
