import type { Worker } from 'node:worker_threads'
import { EventStoreError } from './errors.ts'
import type { Chunk, OpenRows, SealedSegment, SegmentLimits } from './journal.ts'
import type { JournalRequest } from './journal-server.ts'
import type { JournalThreadData, JournalThreadReply } from './journal-thread.ts'
import { LineBuffer, type SegmentHeader } from './line.ts'
import { startThread } from './thread.ts'

/** Buffers kept for the next lines, and the largest one worth keeping. */
const SPARE_BUFFERS = 8
const SPARE_BYTES = 4 * 1024 * 1024
const FIRST_BYTES = 64 * 1024

interface Pending {
  readonly resolve: () => void
  readonly reject: (error: EventStoreError) => void
}

/** What the store wants to hear from its journal beyond the answers. */
export interface JournalListener {
  sealed(segment: SealedSegment): void
  open(session: number, held: OpenRows): void
  /** The thread died: nothing more can be acknowledged. */
  died(error: EventStoreError): void
}

/** The store's end of the journal thread. */
export class JournalClient {
  readonly #worker: Worker
  readonly #pending = new Map<number, Pending>()
  readonly #spare: ArrayBuffer[] = []
  #nextId = 1
  #dead: EventStoreError | undefined

  constructor(dir: string, limits: SegmentLimits, backlog: SharedArrayBuffer, listener: JournalListener) {
    this.#worker = startThread('journal-thread', { dir, limits, backlog } satisfies JournalThreadData)
    this.#worker.on('message', (reply: JournalThreadReply) => {
      for (const buffer of reply.recycled)
        if (this.#spare.length < SPARE_BUFFERS && buffer.byteLength <= SPARE_BYTES) this.#spare.push(buffer)
      for (const segment of reply.sealed) listener.sealed(segment)
      for (const [session, held] of reply.open) listener.open(session, held)
      for (const { id, error } of reply.failed)
        this.#take(id)?.reject(new EventStoreError(error.code, error.message, { context: error.context }))
      for (const id of reply.done) this.#take(id)?.resolve()
    })
    const died = (cause: unknown): void => {
      if (this.#dead !== undefined) return
      this.#dead = new EventStoreError(
        'STORE_THREAD',
        'the journal thread died; open the store again, acknowledged events are safe',
        { cause },
      )
      this.#refuseAll(this.#dead)
      listener.died(this.#dead)
    }
    this.#worker.on('error', died)
    this.#worker.on('exit', (code) => died(new Error(`exit code ${code}`)))
  }

  /** Starts the thread's journal for a session; no answer is needed, requests are handled in order. */
  open(session: number, sessionId: string, info: SegmentHeader['info'], segment: number, nextSeq: number): void {
    this.#worker.postMessage({ kind: 'open', session, sessionId, info, segment, nextSeq } satisfies JournalRequest)
  }

  /** A buffer to collect lines in. */
  lines(): LineBuffer {
    return new LineBuffer(this.#spare.pop() ?? FIRST_BYTES)
  }

  /** Resolves when the lines are durable. The chunk's buffer is handed over and must not be used again. */
  append(session: number, chunk: Chunk): Promise<void> {
    return this.#request((id) => {
      this.#worker.postMessage({ kind: 'append', id, session, ...chunk } satisfies JournalRequest, [
        chunk.bytes.buffer as ArrayBuffer,
      ])
    })
  }

  /** Resolves when the open segment, if it has rows, is sealed and reported to the listener. */
  seal(session: number): Promise<void> {
    return this.#request((id) => this.#worker.postMessage({ kind: 'seal', id, session } satisfies JournalRequest))
  }

  /** Seals and forgets the session. */
  close(session: number): Promise<void> {
    return this.#request((id) => this.#worker.postMessage({ kind: 'close', id, session } satisfies JournalRequest))
  }

  /** Ends the thread. What it has not answered by then is refused: it may be on the disk, and was not acknowledged. */
  async stop(): Promise<void> {
    this.#dead ??= new EventStoreError('STORE_CLOSED', 'the store is closed')
    await this.#worker.terminate()
    this.#refuseAll(this.#dead)
  }

  #request(post: (id: number) => void): Promise<void> {
    const dead = this.#dead
    if (dead !== undefined) return Promise.reject(dead)
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      post(id)
    })
  }

  #refuseAll(error: EventStoreError): void {
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(error)
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    return pending
  }
}
