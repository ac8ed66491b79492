import type { GameRecord } from './game-record.ts'
import { isSameNumber, literalOf, type ObservedNumber, toDouble } from './observed-number.ts'
import { isGameVersion, type PriceParameters, priceParameters, RUG_PROBABILITIES } from './parameters.ts'
import { type PricePath, pricePath } from './price-path.ts'
import { RUG_FACTOR } from './rug-price.ts'
import { serverSeedHash } from './seed.ts'
import { locateFaults, type VerificationFault } from './verify-faults.ts'

/** `absent`: nothing was recorded to compare with, or the seed is not revealed. */
export type CheckStatus = 'ok' | 'mismatch' | 'absent'

/** One compared value; `recorded` is the literal as it was stored. */
export interface ValueCheck {
  readonly status: CheckStatus
  readonly recorded: string | null
  readonly computed: string | null
}

/** A recorded price that is not the computed one. `computed` is null after the game's end. */
export interface PriceDifference {
  readonly tick: number
  readonly recorded: string
  readonly computed: string | null
}

/** Result of comparing recorded prices with the path. */
export interface TickCheck {
  readonly status: CheckStatus
  /** Recorded prices that were compared. */
  readonly compared: number
  readonly equal: number
  readonly firstDifference: PriceDifference | null
}

/**
 * `fair`: the seed matches its hash and at least one recorded outcome, and nothing recorded contradicts it.
 * `unverifiable`: no seed, a price model nobody knows, or nothing but the seed itself.
 */
export type Verdict = 'fair' | 'mismatch' | 'unverifiable'

/** What `verifyGame` found. */
export interface Verification {
  readonly gameId: string
  readonly verdict: Verdict
  readonly hash: ValueCheck
  readonly peak: ValueCheck
  readonly rugTick: ValueCheck
  readonly rugPrice: ValueCheck
  readonly ticks: TickCheck
  /** Rug price against the lowest recorded price: needs no seed, but a complete path. */
  readonly rugRule: ValueCheck
  /** What was wrong, most telling first; empty unless `mismatch`. */
  readonly faults: readonly VerificationFault[]
  /** The parameters that reproduce the game best; null when it was not recomputed. */
  readonly parameters: PriceParameters | null
  /** The recomputed path; null without a seed. Computed, not recorded. */
  readonly path: PricePath | null
}

/**
 * Recomputes a game from its revealed seed and compares everything that was recorded about it, bit for bit.
 *
 * The rug probability is in no event: unless `parameters` is given, each published value is tried and the best match reported.
 */
export function verifyGame(record: GameRecord, options: { parameters?: PriceParameters } = {}): Verification {
  const hash = checkHash(record)
  const rugRule = checkRugRule(record)
  const conflicts = (record.conflicts?.length ?? 0) > 0
  const version = record.version ?? 'v3'
  if (record.serverSeed == null || (options.parameters === undefined && !isGameVersion(version))) {
    const broken = rugRule.status === 'mismatch' || hash.status === 'mismatch' || conflicts
    return {
      gameId: record.gameId,
      verdict: broken ? 'mismatch' : 'unverifiable',
      hash,
      rugRule,
      peak: ABSENT,
      rugTick: ABSENT,
      rugPrice: ABSENT,
      ticks: NO_TICKS,
      faults: broken ? locateFaults(record, { hash, rugRule, match: null }) : [],
      parameters: null,
      path: null,
    }
  }
  const match = bestMatch(record, record.serverSeed, candidates(version, options.parameters))
  const checks = [hash, match.peak, match.rugTick, match.rugPrice, match.ticks, rugRule]
  const wrong = conflicts || checks.some((check) => check.status === 'mismatch')
  const outcome = [match.peak, match.rugTick, match.rugPrice, match.ticks].some((check) => check.status === 'ok')
  return {
    gameId: record.gameId,
    verdict: wrong ? 'mismatch' : outcome ? 'fair' : 'unverifiable',
    hash,
    peak: match.peak,
    rugTick: match.rugTick,
    rugPrice: match.rugPrice,
    ticks: match.ticks,
    rugRule,
    faults: wrong ? locateFaults(record, { hash, rugRule, match }) : [],
    parameters: match.parameters,
    path: match.path,
  }
}

/** A record against one set of parameters. */
export interface ParameterMatch {
  readonly parameters: PriceParameters
  readonly path: PricePath
  readonly peak: ValueCheck
  readonly rugTick: ValueCheck
  readonly rugPrice: ValueCheck
  readonly ticks: TickCheck
}

const ABSENT: ValueCheck = { status: 'absent', recorded: null, computed: null }
const NO_TICKS: TickCheck = { status: 'absent', compared: 0, equal: 0, firstDifference: null }

function candidates(version: string, given: PriceParameters | undefined): readonly PriceParameters[] {
  if (given !== undefined) return [given]
  return RUG_PROBABILITIES.map((rugProbability) => priceParameters(version, { rugProbability }))
}

function bestMatch(record: GameRecord, serverSeed: string, tried: readonly PriceParameters[]): ParameterMatch {
  let best: ParameterMatch | null = null
  for (const parameters of tried) {
    const match = compare(record, pricePath(serverSeed, record.gameId, parameters), parameters)
    if (score(match) === 0) return match
    if (best === null || score(match) < score(best)) best = match
  }
  if (best === null) throw new TypeError('verifyGame needs at least one set of parameters')
  return best
}

/** 0 when nothing differs; otherwise lower is closer. */
function score(match: ParameterMatch): number {
  const single = [match.peak, match.rugTick, match.rugPrice].filter((check) => check.status === 'mismatch').length
  return single + (match.ticks.compared - match.ticks.equal)
}

function compare(record: GameRecord, path: PricePath, parameters: PriceParameters): ParameterMatch {
  const recordedTick = record.rugTick ?? (record.prices === undefined ? undefined : record.prices.length - 1)
  return {
    parameters,
    path,
    peak: checkNumber(record.peakMultiplier, path.peak),
    rugTick: checkNumber(recordedTick, path.rugTick),
    rugPrice: checkNumber(record.rugPrice ?? record.prices?.at(-1), path.rugPrice),
    ticks: checkTicks(record, path),
  }
}

function checkTicks(record: GameRecord, path: PricePath): TickCheck {
  let compared = 0
  let equal = 0
  let first: PriceDifference | null = null
  const check = (recorded: ObservedNumber, tick: number): void => {
    compared += 1
    const computed = path.prices[tick]
    if (computed !== undefined && isSameNumber(recorded, computed)) equal += 1
    else if (first === null || tick < first.tick) {
      first = { tick, recorded: literalOf(recorded), computed: computed === undefined ? null : String(computed) }
    }
  }
  record.prices?.forEach(check)
  record.ticks?.forEach(check)
  return { status: compared === 0 ? 'absent' : compared === equal ? 'ok' : 'mismatch', compared, equal, firstDifference: first }
}

function checkHash(record: GameRecord): ValueCheck {
  if (record.serverSeed == null || record.serverSeedHash == null) return ABSENT
  const computed = serverSeedHash(record.serverSeed)
  return { status: computed === record.serverSeedHash ? 'ok' : 'mismatch', recorded: record.serverSeedHash, computed }
}

function checkRugRule(record: GameRecord): ValueCheck {
  const complete = record.prices ?? completeTicks(record)
  const last = complete?.at(-1)
  if (complete === undefined || last === undefined || complete.length < 2) return ABSENT
  let lowest = Number.POSITIVE_INFINITY
  for (const price of complete.slice(0, -1)) lowest = Math.min(lowest, toDouble(price))
  return checkNumber(last, lowest * RUG_FACTOR)
}

/** The live ticks as a path, when none is missing from 0 to the rug. */
function completeTicks({ ticks, rugTick }: GameRecord): ObservedNumber[] | undefined {
  if (ticks === undefined || rugTick === undefined) return undefined
  const path: ObservedNumber[] = []
  for (let tick = 0; tick <= rugTick; tick += 1) {
    const price = ticks.get(tick)
    if (price === undefined) return undefined
    path.push(price)
  }
  return path
}

function checkNumber(recorded: ObservedNumber | undefined, computed: number): ValueCheck {
  if (recorded === undefined) return ABSENT
  return {
    status: isSameNumber(recorded, computed) ? 'ok' : 'mismatch',
    recorded: literalOf(recorded),
    computed: String(computed),
  }
}
