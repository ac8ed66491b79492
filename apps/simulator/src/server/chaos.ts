import { SimulatorError } from '../errors.ts'

/** What goes wrong on the way to the clients. Chances are per frame and connection, times are real milliseconds. */
export interface ChaosOptions {
  /** Every frame arrives this much later. */
  readonly latencyMs?: number
  /** Up to this much more, frame by frame; the order stays. */
  readonly jitterMs?: number
  /** Chance that a frame is not sent. */
  readonly drop?: number
  /** Chance that a frame is sent twice. */
  readonly duplicate?: number
  /** Chance that a frame comes after the one that follows it. */
  readonly reorder?: number
  /** Chance that a broken frame (text that is no JSON) is sent as well. */
  readonly malformed?: number
  /** All connections are closed this often. */
  readonly kickMs?: number
  /** One connection goes silent this often: nothing is sent any more, not even heartbeats, and nothing is read. */
  readonly halfOpenMs?: number
  /** A frame of one megabyte is sent this often. */
  readonly bigMs?: number
  /** The server goes down this often, in the middle of whatever runs. */
  readonly restartMs?: number
  /** For this long; 1 s by default. */
  readonly restartDownMs?: number
  /** Only HTTP long polling is offered. */
  readonly polling?: boolean
  /** Timestamps in payloads are off by this much. */
  readonly skewMs?: number
}

const CHANCES = { drop: 'drop', dup: 'duplicate', duplicate: 'duplicate', reorder: 'reorder', malformed: 'malformed' } as const
const TIMES = {
  latency: 'latencyMs',
  jitter: 'jitterMs',
  kick: 'kickMs',
  halfopen: 'halfOpenMs',
  big: 'bigMs',
  restart: 'restartMs',
  down: 'restartDownMs',
  skew: 'skewMs',
} as const
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 }

/**
 * Reads `drop=1%,dup=1%,kick=5s,latency=200ms,polling`.
 *
 * Names: drop, dup, reorder, malformed (chances: `1%` or `0.01`); latency, jitter, kick, halfopen, big, restart, down, skew (times: `200ms`, `5s`, `1m`); polling.
 *
 * @throws SimulatorError `SIM_OPTION`, naming the part that is wrong
 */
export function parseChaos(text: string): ChaosOptions {
  const options: Record<string, number | boolean> = {}
  for (const part of text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')) {
    const [name = '', value] = part.split('=').map((one) => one.trim())
    if (name === 'polling' && value === undefined) options.polling = true
    else if (isKey(CHANCES, name)) options[CHANCES[name]] = chance(part, value)
    else if (isKey(TIMES, name)) options[TIMES[name]] = time(part, value)
    else
      throw new SimulatorError(
        'SIM_OPTION',
        `chaos has no ${JSON.stringify(name)}: choose ${[...Object.keys(CHANCES), ...Object.keys(TIMES), 'polling'].join(', ')}`,
        { context: { part } },
      )
  }
  return options
}

/** Whether anything is to go wrong frame by frame, so that each connection needs a way of its own. */
export function disturbsFrames(options: ChaosOptions): boolean {
  return [options.latencyMs, options.jitterMs, options.drop, options.duplicate, options.reorder, options.malformed].some(
    (value) => (value ?? 0) > 0,
  )
}

function isKey<T extends object>(of: T, name: string): name is Extract<keyof T, string> {
  return Object.hasOwn(of, name)
}

function chance(part: string, value: string | undefined): number {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(value ?? '')
  const number = Number(match?.[1]) / (match?.[2] === '%' ? 100 : 1)
  if (match === null || number > 1)
    throw new SimulatorError('SIM_OPTION', `${part}: a chance is written 1% or 0.01`, { context: { part } })
  return number
}

function time(part: string, value: string | undefined): number {
  const match = /^(-?\d+(?:\.\d+)?)(ms|s|m)$/.exec(value ?? '')
  const unit = UNITS[match?.[2] ?? '']
  if (match === null || unit === undefined)
    throw new SimulatorError('SIM_OPTION', `${part}: a time is written 200ms, 5s or 1m`, { context: { part } })
  return Number(match[1]) * unit
}
