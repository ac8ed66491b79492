import type { Clock } from '@vectra/schemas'
import { IngestError } from '../../errors.ts'
import type { CdpTransport } from './transport.ts'

/** Parameters and results of the protocol: JSON objects. */
export type CdpObject = Readonly<Record<string, unknown>>

/** A notification from the browser. */
export interface CdpEvent {
  readonly method: string
  readonly params: CdpObject
  /** The target's session; undefined for the browser itself. */
  readonly sessionId: string | undefined
}

interface Waiting {
  readonly method: string
  resolve(result: CdpObject): void
  reject(error: Error): void
  cancel(): void
}

/** A browser that does not answer a command for this long has failed. */
const ANSWER_WITHIN_MS = 10_000

/** Chrome DevTools Protocol in flat mode: commands with answers, and events in order. */
export class CdpClient {
  readonly #transport: CdpTransport
  readonly #clock: Clock
  readonly #waiting = new Map<number, Waiting>()
  #next = 1
  #closed = false

  constructor(transport: CdpTransport, clock: Clock, onEvent: (event: CdpEvent) => void, onClose: (reason: string) => void) {
    this.#transport = transport
    this.#clock = clock
    transport.onMessage((text) => this.#receive(text, onEvent))
    transport.onClose((reason) => {
      this.#fail(reason)
      onClose(reason)
    })
  }

  /**
   * Sends a command.
   *
   * @throws IngestError `INGEST_SOURCE_FAILED` when the browser refuses it, goes away, or does not answer in 10 s
   */
  send(method: string, params: CdpObject = {}, sessionId?: string): Promise<CdpObject> {
    if (this.#closed) return Promise.reject(failure(method, 'the connection is closed'))
    const id = this.#next++
    const { promise, resolve, reject } = Promise.withResolvers<CdpObject>()
    const cancel = this.#clock.timer(ANSWER_WITHIN_MS, () => {
      this.#waiting.delete(id)
      reject(failure(method, 'no answer in 10 s'))
    })
    this.#waiting.set(id, { method, resolve, reject, cancel })
    this.#transport.send(JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) }))
    return promise
  }

  /** Sends a command whose answer does not matter: targets may be gone before they hear it. */
  tell(method: string, params: CdpObject = {}, sessionId?: string): void {
    this.send(method, params, sessionId).catch(() => {})
  }

  close(): void {
    this.#transport.close()
    this.#fail('closed')
  }

  #receive(text: string, onEvent: (event: CdpEvent) => void): void {
    const message = JSON.parse(text) as {
      id?: number
      method?: string
      params?: CdpObject
      sessionId?: string
      result?: CdpObject
      error?: { message: string }
    }
    if (message.method !== undefined)
      return onEvent({ method: message.method, params: message.params ?? {}, sessionId: message.sessionId })
    const waiting = this.#waiting.get(message.id ?? 0)
    if (!waiting) return
    this.#waiting.delete(message.id ?? 0)
    waiting.cancel()
    if (message.error) waiting.reject(failure(waiting.method, message.error.message))
    else waiting.resolve(message.result ?? {})
  }

  #fail(reason: string): void {
    this.#closed = true
    for (const { method, reject, cancel } of this.#waiting.values()) {
      cancel()
      reject(failure(method, reason))
    }
    this.#waiting.clear()
  }
}

function failure(method: string, reason: string): IngestError {
  return new IngestError('INGEST_SOURCE_FAILED', `browser command ${method} failed: ${reason}`, { context: { method } })
}
