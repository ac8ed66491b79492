import type { Clock } from '@vectra/schemas'
import { messageOf } from '../errors.ts'
import { BoundedQueue } from '../queue.ts'
import type { ConnectionStatus, MemberShare, RawFrame, Source, SourceItem } from '../source.ts'
import { SeenWindow } from './seen-window.ts'

/** What {@link redundantSource} needs. */
export interface RedundantOptions {
  readonly clock: Clock
  /** How long a frame is remembered. Default 30,000 ms. */
  readonly windowMs?: number
  /** Items held while nobody pulls. Default 4,096 items and 32 MiB; beyond it no member is pulled. */
  readonly buffer?: { readonly maxItems?: number; readonly maxBytes?: number }
}

/** A source of several that say the same. */
export interface RedundantSource extends Source {
  /** What each member contributed in the present run. */
  shares(): readonly MemberShare[]
}

interface Member {
  received: number
  first: number
  lost: number
  connected: boolean
}

/**
 * Several connections to one feed as one: each event once, as soon as the first of them delivers it, so that a reconnect of
 * one leaves no hole.
 *
 * Events are compared by their text. One that the feed itself repeats is kept, by counting per member. If it repeats within
 * the window and only a member that missed it the first time delivers the repetition, that counts as a duplicate: the one
 * loss that this cannot see. Everything else (handshakes, closes) is passed on from every member.
 *
 * @throws TypeError for no members
 */
export function redundantSource(members: readonly Source[], options: RedundantOptions): RedundantSource {
  const [first] = members
  if (first === undefined) throw new TypeError('redundantSource takes at least one source')
  let run: RedundantRun | null = null
  return {
    name: first.name,
    origin: first.origin,
    meta: { ...first.meta, sockets: members.length },
    shares: () => run?.shares() ?? [],
    async *items(signal) {
      run = new RedundantRun(members, options)
      yield* run.items(signal)
    },
  }
}

class RedundantRun {
  readonly #sources: readonly Source[]
  readonly #members: Member[]
  readonly #clock: Clock
  readonly #seen: SeenWindow
  readonly #queue: BoundedQueue<SourceItem>
  /** Times that no member was connected: the connection that the outside sees. */
  #epoch = 1

  constructor(sources: readonly Source[], { clock, windowMs = 30_000, buffer = {} }: RedundantOptions) {
    this.#sources = sources
    this.#clock = clock
    this.#members = sources.map(() => ({ received: 0, first: 0, lost: 0, connected: false }))
    this.#seen = new SeenWindow(sources.length, windowMs, clock.monotonic())
    this.#queue = new BoundedQueue({
      maxItems: buffer.maxItems ?? 4_096,
      maxWeight: buffer.maxBytes ?? 32 * 1024 * 1024,
      weigh: (item) => (item.kind === 'frame' ? item.frame.text.length + 128 : 128),
    })
  }

  shares(): MemberShare[] {
    return this.#members.map(({ received, first, lost, connected }, index) => ({
      received,
      first,
      duplicates: received - first,
      missed: this.#seen.missed[index] ?? 0,
      lost,
      connected,
    }))
  }

  async *items(signal: AbortSignal): AsyncGenerator<SourceItem, void, undefined> {
    const stop = new AbortController()
    const either = AbortSignal.any([signal, stop.signal])
    const failures: unknown[] = []
    const pulls = this.#sources.map((source, index) => this.#pull(index, source, either).catch((error) => failures.push(error)))
    const done = Promise.all(pulls).then(() => {
      this.#seen.settle()
      // One member that gives up is not the end; all of them are.
      if (failures.length === this.#sources.length) this.#queue.fail(failures[0])
      else this.#queue.end()
    })
    try {
      for (;;) {
        const next = await this.#queue.next()
        if (next.done) return
        yield next.value
      }
    } finally {
      stop.abort()
      this.#queue.end()
      await done
    }
  }

  async #pull(index: number, source: Source, signal: AbortSignal): Promise<void> {
    try {
      for await (const item of source.items(signal)) {
        if (this.#queue.full) await this.#queue.room()
        this.#take(index, item)
      }
    } catch (error) {
      this.#down(index, { kind: 'disconnect', connection: '', reason: messageOf(error) }, this.#clock.now())
      throw error
    }
  }

  #take(index: number, item: SourceItem): void {
    if (item.kind === 'frame') return this.#frame(index, item.frame)
    if (item.kind === 'status') return this.#status(index, item.status, item.at)
    this.#queue.push(item)
  }

  #frame(index: number, frame: RawFrame): void {
    const member = this.#members[index]
    if (!member) return
    const event = frame.direction === 'received' && typeof frame.text === 'string' ? eventName(frame.text) : null
    if (event !== null && typeof frame.text === 'string') {
      member.received += 1
      if (!this.#seen.deliver(index, frame.text, this.#clock.monotonic())) {
        this.#queue.push({ kind: 'duplicate', event, at: frame.at })
        return
      }
      member.first += 1
    }
    this.#queue.push({ kind: 'frame', frame: { ...frame, connection: this.#connection } })
  }

  #status(index: number, status: ConnectionStatus, at: number): void {
    if (status.kind === 'connect' || status.kind === 'reconnect') return this.#up(index, status, at)
    if (status.kind === 'disconnect' || status.kind === 'stale') return this.#down(index, status, at)
    this.#push(index, status, at, {})
  }

  #up(index: number, status: ConnectionStatus, at: number): void {
    const member = this.#members[index]
    const covered = this.#othersConnected(index)
    if (member) member.connected = true
    this.#push(index, status, at, { covered })
  }

  #down(index: number, status: ConnectionStatus, at: number): void {
    const member = this.#members[index]
    const was = member?.connected === true
    if (member) member.connected = false
    if (member && was) member.lost += 1
    const covered = this.#othersConnected(index)
    if (was || status.connection !== '') this.#push(index, status, at, { covered })
    if (was && !covered) this.#epoch += 1
  }

  #push(index: number, status: ConnectionStatus, at: number, more: { covered?: boolean }): void {
    const details = { ...status.details, socket: index + 1 }
    this.#queue.push({ kind: 'status', status: { ...status, ...more, connection: this.#connection, details }, at })
  }

  #othersConnected(index: number): boolean {
    return this.#members.some((member, other) => other !== index && member.connected)
  }

  get #connection(): string {
    return `feed-${this.#epoch}`
  }
}

/** Name of an event frame without an ack id; null for every other frame. */
function eventName(text: string): string | null {
  if (!text.startsWith('42[') && !text.startsWith('42/')) return null
  return /^42(?:\/[^,]*,)?\["((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? '(unnamed)'
}
