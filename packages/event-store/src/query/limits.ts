import { QueryError } from './errors.ts'

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

/**
 * Bytes of a size such as `512MB`, `1.5GiB`, or a plain number of bytes.
 *
 * @throws TypeError for anything else
 */
export function parseSize(size: string | number): number {
  if (typeof size === 'number' && Number.isFinite(size) && size > 0) return Math.floor(size)
  const match = typeof size === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?i?b)\s*$/i.exec(size) : null
  const unit = UNITS[match?.[2]?.toLowerCase() ?? '']
  if (!match || unit === undefined) throw new TypeError(`not a size: ${size}; write it like 512MB or 2GiB`)
  return Math.floor(Number(match[1]) * unit)
}

/** Lets at most `places` callers in at a time, in order of arrival. */
export class Gate {
  readonly #waiting: (() => void)[] = []
  #free: number

  constructor(places: number) {
    this.#free = places
  }

  /** Waits for a place; the caller must call what it gets exactly once. An abort while waiting rejects with the signal's reason. */
  async enter(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted()
    if (this.#free > 0) this.#free--
    else await this.#wait(signal)
    return () => {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free++
    }
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        const at = this.#waiting.indexOf(enter)
        if (at >= 0) this.#waiting.splice(at, 1)
        reject(signal?.reason as Error)
      }
      const enter = () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#waiting.push(enter)
    })
  }
}

/** @throws TypeError when an option is not a positive integer */
export function positiveInteger(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value <= 0) throw new TypeError(`${name} must be a positive integer, got ${value}`)
  return value
}

/** The error of an engine that was closed. */
export function closedError(): QueryError {
  return new QueryError('QUERY_CLOSED', 'the query engine is closed; open another one')
}
