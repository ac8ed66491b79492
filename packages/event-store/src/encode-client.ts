import type { Worker } from 'node:worker_threads'
import type { EncodeThreadData } from './encode-thread.ts'
import { EventStoreError, STORE_ERROR_CODES, type StoreErrorCode } from './errors.ts'
import type { MaterializeResult, SegmentTask } from './materialize.ts'
import type { MaterializeCall, Materializer } from './materializer.ts'
import type { EncoderName } from './part-encoder.ts'
import type { RecoveryReport } from './recovery.ts'
import { startThread } from './thread.ts'

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

type Reply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly code: string | undefined; readonly message: string }

function isStoreCode(code: string | undefined): code is StoreErrorCode {
  return STORE_ERROR_CODES.some((known) => known === code)
}

/**
 * The store's end of the encoding thread. A thread that dies takes its calls with it, rejected; the next call starts a new one:
 * segments are the truth until they are published, so nothing is lost.
 */
export class EncodeClient implements Materializer {
  readonly #data: EncodeThreadData
  readonly #pending = new Map<number, Pending>()
  #worker: Worker | undefined
  #nextId = 1

  constructor(dir: string, encoder: EncoderName) {
    this.#data = { dir, encoder }
  }

  recover(): Promise<RecoveryReport> {
    return this.#call({ kind: 'recover' }) as Promise<RecoveryReport>
  }

  materialize(task: SegmentTask): Promise<MaterializeResult> {
    return this.#call({ kind: 'materialize', task }) as Promise<MaterializeResult>
  }

  async close(): Promise<void> {
    if (this.#worker === undefined) return
    try {
      await this.#call({ kind: 'close' })
    } finally {
      const worker = this.#worker
      this.#worker = undefined
      await worker?.terminate()
    }
  }

  /** Kills the thread as a crash would; for tests of that. */
  async crash(): Promise<void> {
    await this.#worker?.terminate()
  }

  #call(call: MaterializeCall): Promise<unknown> {
    this.#worker ??= this.#start()
    const worker = this.#worker
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      worker.postMessage({ ...call, id })
    })
  }

  #start(): Worker {
    const worker = startThread('encode-thread', this.#data)
    worker.on('message', (reply: Reply) => {
      const pending = this.#pending.get(reply.id)
      this.#pending.delete(reply.id)
      if (reply.ok) pending?.resolve(reply.value)
      else
        pending?.reject(
          new EventStoreError(isStoreCode(reply.code) ? reply.code : 'STORE_ENCODE', reply.message, {
            context: { cause: reply.code ?? null },
          }),
        )
    })
    const died = (cause: unknown): void => {
      if (this.#worker === worker) this.#worker = undefined
      const lost = [...this.#pending.values()]
      this.#pending.clear()
      for (const pending of lost) pending.reject(new EventStoreError('STORE_THREAD', 'the encoding thread died', { cause }))
    }
    worker.on('error', died)
    worker.on('exit', (code) => died(new Error(`exit code ${code}`)))
    return worker
  }
}
