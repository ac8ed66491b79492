import { expect } from 'vitest'
import {
  type CdpTransport,
  type ConnectionStatus,
  cdpSource,
  createPipeline,
  type PipelineSummary,
  type RawFrame,
  type SourceItem,
  systemClock,
  systemRandom,
} from '../../../src/index.ts'
import { MemorySink } from '../../support/memory-sink.ts'
import type { Site } from './site.ts'

/** Shorter than a test may take. */
const PATIENCE_MS = 25_000

/** A recording of a browser, all the way into a sink; a test can wait for what the source yields. */
export class Watch {
  readonly items: SourceItem[] = []
  /** Texts of the received ticks. */
  readonly ticks: string[] = []
  readonly sink = new MemorySink()
  readonly #stop = new AbortController()
  readonly #done: Promise<PipelineSummary>
  #waiters: (() => void)[] = []

  constructor(
    connect: (signal: AbortSignal) => Promise<CdpTransport | null>,
    site: Site,
    options: { reloadOnAttach?: boolean } = {},
  ) {
    const clock = systemClock()
    const random = systemRandom()
    const source = cdpSource({
      connect,
      clock,
      random,
      match: (url) => url.includes(`:${site.port}/`) && url.includes('/socket.io/'),
      matchPage: (url) => url.includes(`:${site.port}/`),
      backoff: { minMs: 20, maxMs: 100 },
      ...options,
    })
    const seen = this.#seen.bind(this)
    const tapped = {
      ...source,
      async *items(signal: AbortSignal) {
        for await (const item of source.items(signal)) {
          yield item
          seen(item)
        }
      },
    }
    this.#done = createPipeline({ source: tapped, sink: this.sink, clock, random }).run(this.#stop.signal)
    this.#done.catch(() => {})
  }

  #seen(item: SourceItem): void {
    this.items.push(item)
    if (item.kind === 'frame' && /^42(\/[^,]*,)?\["tick"/.test(String(item.frame.text).slice(0, 40)))
      this.ticks.push(String(item.frame.text))
    for (const wake of this.#waiters.splice(0)) wake()
  }

  get frames(): RawFrame[] {
    return this.items.flatMap((item) => (item.kind === 'frame' ? [item.frame] : []))
  }

  get texts(): string[] {
    return this.frames.map(({ text }) => String(text))
  }

  /** Looks from here on only; the sink keeps everything. */
  forget(): void {
    this.items.length = 0
    this.ticks.length = 0
  }

  get statuses(): ConnectionStatus[] {
    return this.items.flatMap((item) => (item.kind === 'status' ? [item.status] : []))
  }

  count(kind: ConnectionStatus['kind']): number {
    return this.statuses.filter((status) => status.kind === kind).length
  }

  /** Waits for what the source yields; when that does not come, what did come is in the error. */
  async until(predicate: (watch: Watch) => boolean): Promise<void> {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(new Error(`not seen in ${PATIENCE_MS} ms; ${this.#seenSoFar()}`)), PATIENCE_MS)
    try {
      while (!predicate(this)) await Promise.race([late.promise, new Promise<void>((resolve) => this.#waiters.push(resolve))])
    } finally {
      clearTimeout(timer)
    }
  }

  #seenSoFar(): string {
    const statuses = this.statuses.map(({ kind, details }) => `${kind} ${JSON.stringify(details ?? {})}`)
    return `${this.ticks.length} ticks, the last ${this.ticks.at(-1) ?? 'none'}; ${this.frames.length} frames; ${statuses.join(', ')}`
  }

  /** The last tick that the site sent is here. */
  async caughtUp(site: Site): Promise<void> {
    await this.until(({ ticks }) => ticks.at(-1) === site.sent.at(-1))
  }

  /** Sends ticks until the source shows one of them: from then on nothing may be missing. */
  async synced(site: Site): Promise<void> {
    const before = this.ticks.length
    using _ticking = site.ticking(20)
    await this.until((watch) => watch.ticks.length > before)
    _ticking[Symbol.dispose]()
    await this.caughtUp(site)
  }

  /** The end that the source comes to by itself. */
  get ended(): Promise<PipelineSummary> {
    return this.#done
  }

  /** Ends the recording; its sheet must close. */
  async stop(): Promise<PipelineSummary> {
    this.#stop.abort()
    const summary = await this.#done
    expect(summary.closes).toBe(true)
    return summary
  }

  /**
   * Holds the recording to what the site sent: from the first stored tick on each one is stored once, in order, or lies behind
   * a gap row.
   *
   * @returns how many lie behind gap rows
   */
  accounted(site: Site): number {
    let last: number | null = null
    let gap = false
    let missing = 0
    const stored: string[] = []
    const step = (n: number): void => {
      if (last !== null && n !== last + 1) {
        expect(n, 'ticks rise').toBeGreaterThan(last)
        expect(gap, `a gap row between tick ${last} and tick ${n}`).toBe(true)
        missing += n - last - 1
      }
      last = n
      gap = false
    }
    for (const event of this.sink.events) {
      if (event.event_name === 'gap') gap = true
      if (event.event_name !== 'tick' || event.direction !== 'received') continue
      stored.push(event.packet + event.raw_json)
      step((event.payload as { n: number }).n)
    }
    if (last !== null) step(site.sent.length)
    const sent = new Set(site.sent)
    expect(stored.filter((text) => !sent.has(text))).toEqual([])
    return missing
  }
}
