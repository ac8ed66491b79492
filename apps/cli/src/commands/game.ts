import type { Completeness, Game, QueryEngine, Tick, Trade } from '@vectra/event-store'
import { onlyBadFiles, sayCompleteness } from '../completeness-note.ts'
import type { CommandContext } from '../context.ts'
import { openData, resolveGame } from '../data.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { jsonRecord } from '../json-record.ts'
import { sparkline } from '../terminal/sparkline.ts'
import { renderPairs, renderTable } from '../terminal/table.ts'
import { formatCount, formatDuration } from '../terminal/units.ts'
import { formatWhen } from '../terminal/when.ts'
import { gameRecord, stateOf } from './games.ts'

interface Phase {
  readonly phase: string
  readonly frames: number
  readonly firstTs: number
  readonly lastTs: number
}

/** All that is shown of one game. */
export interface GameReport {
  readonly game: Game
  readonly phases: readonly Phase[]
  readonly ticks: readonly Tick[]
  readonly trades: readonly Trade[]
  readonly completeness: Completeness
}

/** `vectra game ID`: one game's phases, price path and trades; every tick with `--ticks`. */
export async function game(
  context: CommandContext,
  [id = '']: readonly string[],
  options: { ticks?: boolean; trades: number },
): Promise<ExitCode> {
  const { io, signal } = context
  await using engine = await openData(await context.settings())
  const everything = await collectGame(engine, await resolveGame(engine, id, signal), signal)
  if (context.json) {
    const { game: summary, phases, ticks, trades } = everything
    await io.line(
      JSON.stringify({
        ...gameRecord(summary),
        phases: phases.map(jsonRecord),
        prices: ticks.map(jsonRecord),
        trade_list: trades.map(jsonRecord),
      }),
    )
    return EXIT.ok
  }
  await io.line(gameSummary(everything))
  if (options.ticks === true) await io.line(`\n${tickTable(everything.ticks, io.styled)}`)
  const shown = everything.trades.slice(0, options.trades)
  if (shown.length > 0) await io.line(`\n${tradeTable(shown, io.styled)}`)
  if (shown.length < everything.trades.length)
    io.say(`${shown.length} of ${formatCount(everything.trades.length)} trades; more with --trades`)
  sayCompleteness(context, onlyBadFiles(everything.completeness))
  return EXIT.ok
}

/** Reads all that is shown of one game. */
export async function collectGame(engine: QueryEngine, gameId: string, signal: AbortSignal): Promise<GameReport> {
  const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
    const list: T[] = []
    for await (const item of items) list.push(item)
    return list
  }
  const [summary] = await all(engine.games({ gameId, signal }))
  if (summary === undefined) throw new TypeError(`game ${gameId} vanished`)
  const { rows } = await engine.sql(
    "SELECT coalesce(phase, 'unknown'), count(*)::INTEGER, min(ts), max(ts) FROM game_tick WHERE game_id = $1 GROUP BY 1 ORDER BY min(ts), max(ts)",
    { params: [gameId], signal },
  )
  const phases = rows.map(([phase, frames, firstTs, lastTs]) => ({
    phase: String(phase),
    frames: Number(frames),
    firstTs: Number(firstTs),
    lastTs: Number(lastTs),
  }))
  const ticks = engine.ticks({ gameId, signal })
  return {
    game: summary,
    phases,
    ticks: await all(ticks),
    completeness: await ticks.completeness(),
    trades: await all(engine.trades({ gameId, signal })),
  }
}

/** The game in ten lines: times, phases, peak, rug, price path. */
export function gameSummary({ game: summary, phases, ticks }: GameReport): string {
  // The rug is 50 times lower than the lowest price: on the same scale it would flatten everything before it.
  const path = sparkline(ticks.filter(({ rugged }) => !rugged).map(({ price }) => price.toNumber()))
  const peakTick = ticks.find(({ price }) => summary.peak !== null && price.eq(summary.peak))
  const times = (x: { toFixed(digits?: number): string }, digits = 4): string => `${x.toFixed(digits)}x`
  return renderPairs([
    ['game', summary.gameId],
    [
      'seen',
      `${formatWhen(summary.firstTs, 'seconds')} to ${formatWhen(summary.lastTs, 'seconds').slice(11)} UTC (${formatDuration((summary.lastTs - summary.firstTs) / 1_000)})`,
    ],
    ['state', stateOf(summary)],
    [
      'phases',
      phases
        .map(
          ({ phase, frames, firstTs, lastTs }) =>
            `${phase} ${formatDuration((lastTs - firstTs) / 1_000)} (${formatCount(frames)} frames)`,
        )
        .join(', '),
    ],
    ['ticks', `${formatCount(summary.ticks)}${summary.lastTick === null ? '' : `, last ${formatCount(summary.lastTick)}`}`],
    [
      'peak',
      summary.peak === null
        ? 'unknown'
        : `${times(summary.peak)}${peakTick === undefined ? '' : ` at tick ${formatCount(peakTick.tick)}`}`,
    ],
    [
      'rug',
      summary.rugPrice === null ? 'not seen' : `${times(summary.rugPrice, 6)} at tick ${formatCount(summary.rugTick ?? 0)}`,
    ],
    [
      'trades',
      `${formatCount(summary.tradesSeen)} seen${summary.trades === null ? '' : ` of ${formatCount(summary.trades)} counted by the server`}`,
    ],
    ['sessions', summary.sessions.join(', ')],
    ['price', path === '' ? 'unknown' : `${path}${summary.rugged ? ' rug' : ''}`],
  ])
}

/** Ticks as a table, prices with every digit. */
export function tickTable(ticks: readonly Tick[], styled: CommandContext['io']['styled']): string {
  const columns = [
    { name: 'tick', align: 'right' as const },
    { name: 'price', align: 'right' as const },
    { name: 'received (UTC)' },
    { name: 'trades', align: 'right' as const },
    { name: '' },
  ]
  const rows = ticks.map(({ tick, price, ts, tradeCount, rugged }) => [
    formatCount(tick),
    price.toFixed(),
    formatWhen(ts),
    tradeCount === null ? '' : formatCount(tradeCount),
    rugged ? 'rug' : '',
  ])
  return renderTable(columns, rows, (header) => styled('dim', header))
}

function tradeTable(trades: readonly Trade[], styled: CommandContext['io']['styled']): string {
  const right = (name: string): { name: string; align: 'right' } => ({ name, align: 'right' })
  const rows = trades.map(({ tick, action, username, playerId, amount, qty, price, leverage }) => [
    tick === null ? '' : formatCount(tick),
    action ?? '',
    username ?? playerId ?? '',
    amount?.toFixed() ?? '',
    qty?.toFixed() ?? '',
    price?.toFixed() ?? '',
    leverage === null || leverage === 1 ? '' : `${leverage}x`,
  ])
  return renderTable(
    [
      right('tick'),
      { name: 'type' },
      { name: 'player', maxWidth: 24 },
      right('SOL'),
      right('qty'),
      right('price'),
      { name: 'leverage' },
    ],
    rows,
    (header) => styled('dim', header),
  )
}
