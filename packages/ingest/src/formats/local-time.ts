import type { Micros } from '@vectra/schemas'

/** Steps back up to this long are a writer's jitter (milliseconds in real files), not the autumn hour: 5 seconds. */
const JITTER = 5_000_000
const QUARTER_HOUR_MS = 900_000
const DAY = 86_400_000_000

const STAMP = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(Z|[+-]\d{2}(?::?\d{2})?)?$/i

/**
 * Reads the times of one capture, in order.
 *
 * Times with `Z` or an offset are what they say. Naive ones are local time of a zone: in the hour that autumn repeats, the
 * earlier reading is taken unless that would step back in the file by more than 5 seconds; in the hour that spring leaves
 * out, the clock is read as not yet put forward.
 */
export class LocalTimes {
  readonly #format: Intl.DateTimeFormat
  readonly #offsets = new Map<number, Micros>()
  #previous: Micros | null = null

  /** @param timeZone IANA name. @throws RangeError when there is no such zone */
  constructor(timeZone = 'America/New_York') {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset', year: 'numeric' })
  }

  /** Microseconds since the epoch, UTC; null when the text is no time, or one that no row can hold. More than six decimals are cut. */
  read(text: unknown): Micros | null {
    const parts = typeof text === 'string' ? STAMP.exec(text) : null
    if (!parts) return null
    const [, year, month, day, hour, minute, second, fraction = '', zone] = parts
    const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
    const valid = Number(month) >= 1 && Number(month) <= 12 && new Date(ms).getUTCDate() === Number(day)
    if (!valid || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return null
    const wall = ms * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6))
    const at = zone === undefined ? this.#fromLocal(wall) : wall - offsetOf(zone)
    if (!isMicros(at)) return null
    this.#previous = at
    return at
  }

  #fromLocal(wall: Micros): Micros {
    const before = this.#offsetAt(wall - DAY)
    const after = this.#offsetAt(wall + DAY)
    const readings = [...new Set([wall - before, wall - after])].sort((a, b) => a - b)
    const possible = readings.filter((at) => wall - at === this.#offsetAt(at))
    const [first, second] = possible
    if (first === undefined) return wall - before
    if (second === undefined) return first
    return this.#previous !== null && first < this.#previous - JITTER ? second : first
  }

  /** Local minus UTC at an instant; zones change on quarter hours. */
  #offsetAt(at: Micros): Micros {
    const quarter = Math.floor(at / 1000 / QUARTER_HOUR_MS)
    const known = this.#offsets.get(quarter)
    if (known !== undefined) return known
    const name =
      this.#format.formatToParts(quarter * QUARTER_HOUR_MS).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT'
    const offset = offsetOf(name.replace('GMT', ''))
    this.#offsets.set(quarter, offset)
    return offset
  }
}

/** Can a row hold the time? From 1970 to the last microsecond that a double counts exactly, in 2255. */
export function isMicros(at: number): boolean {
  return Number.isSafeInteger(at) && at >= 0
}

/** `Z`, `-05:00`, `+0530`, `-05` or nothing, in microseconds. */
function offsetOf(zone: string): Micros {
  const parts = /^([+-])(\d{2}):?(\d{2})?(?::\d{2})?$/.exec(zone)
  if (!parts) return 0
  const minutes = Number(parts[2]) * 60 + Number(parts[3] ?? 0)
  return (parts[1] === '-' ? -minutes : minutes) * 60_000_000
}
