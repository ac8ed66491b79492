import type { CollectedGame, ValueCheck, Verification } from '@vectra/game'
import type { CommandContext } from '../context.ts'
import { renderTable } from '../terminal/table.ts'
import { formatCount, plural } from '../terminal/units.ts'

/** A game and what was found about it. */
export interface FairResult {
  readonly game: CollectedGame
  readonly report: Verification
}

/** One game as a JSON object; stable keys, numbers as they were written. */
export function fairJson({ game, report }: FairResult): object {
  const { hash, peak, rugTick, rugPrice, rugRule, ticks, faults, parameters, path } = report
  return {
    game_id: report.gameId,
    verdict: report.verdict,
    provenance: game.provenance,
    server_seed: game.serverSeed ?? null,
    hash,
    peak,
    rug_tick: rugTick,
    rug_price: rugPrice,
    rug_rule: rugRule,
    ticks: { status: ticks.status, compared: ticks.compared, equal: ticks.equal, first_difference: ticks.firstDifference },
    faults,
    parameters: parameters === null ? null : { version: parameters.version, rug_probability: parameters.rugProbability },
    derived:
      path === null
        ? null
        : {
            rug_tick: path.rugTick,
            rug_price: path.rugPrice,
            peak: path.peak,
            peak_tick: path.peakTick,
            god_candles: path.godCandles,
          },
  }
}

/** The games as a table, the faults of each below, and the count. */
export async function printFair({ io }: CommandContext, results: readonly FairResult[]): Promise<void> {
  const columns = [
    { name: 'game' },
    { name: 'verdict' },
    { name: 'hash' },
    { name: 'prices equal', align: 'right' as const },
    { name: 'rug tick', align: 'right' as const },
    { name: 'rug price' },
    { name: 'peak', align: 'right' as const },
    { name: 'model' },
    { name: 'seen' },
  ]
  const rows = results.map(({ game, report }) => {
    const { verdict, ticks, path, parameters } = report
    return [
      report.gameId,
      verdict,
      word(report.hash),
      ticks.compared === 0 ? '-' : `${formatCount(ticks.equal)} of ${formatCount(ticks.compared)}`,
      path === null
        ? game.rugTick === undefined
          ? '-'
          : formatCount(game.rugTick)
        : `${formatCount(path.rugTick)}${mark(report.rugTick)}`,
      word(report.rugPrice.status === 'absent' ? report.rugRule : report.rugPrice),
      path === null ? '-' : `${path.peak.toFixed(4)}x${mark(report.peak)}`,
      parameters === null ? '-' : `${parameters.version} ${parameters.rugProbability}`,
      game.provenance,
    ]
  })
  await io.line(renderTable(columns, rows, (header) => io.styled('dim', header)))
  for (const { report } of results) {
    for (const { field, message } of report.faults)
      await io.line(`${io.styled('red', 'mismatch')} ${report.gameId}: ${field}: ${message}`)
  }
  await io.line(`\n${fairSummary(results)}`)
}

/** `32 fair, 0 mismatches, 60 unverifiable (no seed)` */
export function fairSummary(results: readonly FairResult[]): string {
  const of = (verdict: Verification['verdict']): number => results.filter(({ report }) => report.verdict === verdict).length
  const [mismatches, unverifiable] = [of('mismatch'), of('unverifiable')]
  return `${plural(results.length, 'game')}: ${of('fair')} fair, ${plural(mismatches, 'mismatch', 'mismatches')}, ${unverifiable} unverifiable${unverifiable > 0 ? ' (the seed is not known)' : ''}`
}

function word({ status }: ValueCheck): string {
  return status === 'ok' ? 'ok' : status === 'absent' ? '-' : 'MISMATCH'
}

/** Only what was compared and differs is marked; the number itself is always the computed one. */
function mark({ status }: ValueCheck): string {
  return status === 'mismatch' ? ' !' : ''
}
