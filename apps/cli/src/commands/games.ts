import type { Game } from '@vectra/event-store'
import { completenessRecord, onlyBadFiles, sayCompleteness } from '../completeness-note.ts'
import type { CommandContext } from '../context.ts'
import { openData } from '../data.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { jsonRecord } from '../json-record.ts'
import { renderTable } from '../terminal/table.ts'
import { formatCount } from '../terminal/units.ts'
import { formatWhen } from '../terminal/when.ts'
import { timeRange } from '../time-range.ts'

/** `vectra games`: what was recorded, newest first. */
export async function games(
  context: CommandContext,
  _operands: readonly string[],
  options: { since?: string; until?: string; limit: number },
): Promise<ExitCode> {
  const { io, signal } = context
  const range = timeRange(options)
  await using engine = await openData(await context.settings())
  const found: Game[] = []
  const reading = engine.games({ ...range, order: 'desc', limit: options.limit + 1, signal })
  for await (const game of reading) found.push(game)
  const shown = found.slice(0, options.limit)
  if (context.json) for (const game of shown) await io.line(JSON.stringify(gameRecord(game)))
  else if (shown.length === 0) io.say('no games: nothing recorded yet, or nothing in this time')
  else {
    const columns = [
      { name: 'game' },
      { name: 'first seen (UTC)' },
      { name: 'ticks', align: 'right' as const },
      { name: 'peak', align: 'right' as const },
      { name: 'rug tick', align: 'right' as const },
      { name: 'rug price', align: 'right' as const },
      { name: 'trades', align: 'right' as const },
      { name: 'state' },
    ]
    await io.line(renderTable(columns, shown.map(gameRow), (header) => io.styled('dim', header)))
  }
  if (found.length > shown.length) io.say(`the newest ${shown.length}; more with --limit`)
  sayCompleteness(context, onlyBadFiles(await reading.completeness()))
  return EXIT.ok
}

/** A game as `--json` prints it. */
export function gameRecord(game: Game): Readonly<Record<string, unknown>> {
  return { ...jsonRecord(game), completeness: completenessRecord(game.completeness) }
}

function gameRow(game: Game): string[] {
  return [
    game.gameId,
    formatWhen(game.firstTs, 'seconds'),
    formatCount(game.ticks),
    game.peak === null ? '' : `${game.peak.toFixed(2)}x`,
    game.rugTick === null ? '' : formatCount(game.rugTick),
    game.rugPrice === null ? '' : `${game.rugPrice.toFixed(4)}x`,
    game.trades === null
      ? game.tradesSeen === 0
        ? ''
        : formatCount(game.tradesSeen)
      : `${formatCount(game.tradesSeen)} of ${formatCount(game.trades)}`,
    stateOf(game),
  ]
}

/** `complete`, or why not, in words. */
export function stateOf({ complete, reasons }: Game): string {
  const words: Readonly<Record<string, string>> = {
    no_start: 'start missing',
    no_rug: 'no rug seen',
    rug_tick_unknown: 'rug tick unknown',
    missing_ticks: 'ticks missing',
    gap: 'gap',
    bad_file: 'file left out',
  }
  return complete ? 'complete' : reasons.map((reason) => words[reason] ?? reason).join(', ')
}
