import type { GameRecord, RecordConflict } from './game-record.ts'
import { isSameNumber, literalOf } from './observed-number.ts'
import type { ParameterMatch, ValueCheck } from './verify.ts'

/**
 * Which recorded value is the wrong one.
 *
 * `gameId` also stands for "the whole path is another one": a wrong id, a version or parameters nobody knows, or a game that was not fair.
 */
export type FaultField = 'serverSeed' | 'serverSeedHash' | 'gameId' | 'price' | 'peakMultiplier' | 'rugTick' | 'rugPrice'

/** One located fault. */
export interface VerificationFault {
  readonly field: FaultField
  /** Of a wrong price. */
  readonly tick: number | null
  readonly recorded: string | null
  readonly computed: string | null
  readonly message: string
}

interface Evidence {
  readonly hash: ValueCheck
  readonly rugRule: ValueCheck
  readonly match: ParameterMatch | null
}

/**
 * Tells from what agrees with what which value was changed: a wrong seed breaks hash and path, a wrong hash nothing else,
 * a wrong id the path but not the hash, a wrong price only itself.
 */
export function locateFaults(record: GameRecord, evidence: Evidence): VerificationFault[] {
  return [...againstSeed(record, evidence), ...(record.conflicts ?? []).map(conflictFault)]
}

function conflictFault({ field, tick, first, other }: RecordConflict): VerificationFault {
  const where = tick === null ? '' : ` of tick ${tick}`
  return {
    field,
    tick,
    recorded: other,
    computed: null,
    message: `recorded twice and not alike: ${field}${where} is ${first} and ${other}`,
  }
}

function againstSeed(record: GameRecord, { hash, rugRule, match }: Evidence): VerificationFault[] {
  const hashWrong = hash.status === 'mismatch'
  if (match === null) {
    return [
      ...(hashWrong ? [fault('serverSeedHash', hash, 'the hash is not that of the seed')] : []),
      ...(rugRule.status === 'mismatch' ? [fault('rugPrice', rugRule, 'the last price is not 0.02 times the lowest one')] : []),
    ]
  }
  if (isOtherPath(match)) {
    return hashWrong
      ? [
          fault(
            'serverSeed',
            { recorded: record.serverSeed ?? null, computed: null },
            'neither the hash nor the prices belong to this seed',
          ),
        ]
      : [
          fault(
            'gameId',
            { recorded: record.gameId, computed: null },
            'the seed matches its hash, but its prices are not those of this game id, version and parameters',
          ),
        ]
  }
  const faults: VerificationFault[] = []
  if (hashWrong) faults.push(fault('serverSeedHash', hash, 'the prices belong to the seed, the hash does not'))
  faults.push(...priceFaults(record, match))
  const priced = new Set(faults.map((found) => found.tick))
  const lengthWrong = record.rugTick === undefined && match.rugTick.status === 'mismatch'
  if (match.rugTick.status === 'mismatch') {
    faults.push(
      fault(
        'rugTick',
        match.rugTick,
        lengthWrong ? 'prices are missing, or there are too many' : 'the game rugged at another tick',
      ),
    )
  }
  if (match.rugPrice.status === 'mismatch' && !lengthWrong && !priced.has(match.path.rugTick)) {
    faults.push(fault('rugPrice', match.rugPrice, 'the rug price is not 0.02 times the lowest price of the path'))
  }
  if (match.peak.status === 'mismatch')
    faults.push(fault('peakMultiplier', match.peak, 'the highest price of the path is another one'))
  return faults
}

/** More than half of what was recorded disagrees (tick 0 is 1 in every game and proves nothing). */
function isOtherPath(match: ParameterMatch): boolean {
  const single = [match.peak, match.rugTick, match.rugPrice].filter((check) => check.status !== 'absent')
  const wrong = single.filter((check) => check.status === 'mismatch').length
  const telling = Math.max(0, match.ticks.compared - 1)
  const differing = match.ticks.compared - match.ticks.equal
  if (telling > 2) return differing > telling / 2
  return single.length > 1 && wrong + differing > (single.length + telling) / 2
}

function priceFaults(record: GameRecord, match: ParameterMatch): VerificationFault[] {
  const found = new Map<number, VerificationFault>()
  const check = (recorded: Parameters<typeof isSameNumber>[0], tick: number): void => {
    const computed = match.path.prices[tick]
    if (computed === undefined || isSameNumber(recorded, computed) || found.has(tick)) return
    const values = { recorded: literalOf(recorded), computed: String(computed) }
    found.set(tick, { ...fault('price', values, `tick ${tick}: recorded ${values.recorded}, computed ${values.computed}`), tick })
  }
  record.prices?.forEach(check)
  record.ticks?.forEach(check)
  return [...found.values()].toSorted((a, b) => (a.tick ?? 0) - (b.tick ?? 0))
}

function fault(
  field: FaultField,
  check: { recorded: string | null; computed: string | null },
  message: string,
): VerificationFault {
  return { field, tick: null, recorded: check.recorded, computed: check.computed, message }
}
