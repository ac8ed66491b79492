import type { CdpClient, CdpEvent, CdpObject } from './client.ts'

/** A page, frame or worker that we are attached to. */
export interface AttachedTarget {
  readonly sessionId: string
  readonly targetId: string
  readonly type: string
  readonly url: string
  /** It was there before us: sockets may be open that nobody announced. */
  readonly existing: boolean
}

/** Targets that can own a socket of the site. */
const SOCKET_OWNERS = new Set(['page', 'iframe', 'worker', 'shared_worker', 'service_worker', 'webview'])
const HAS_FRAMES = new Set(['page', 'iframe', 'webview'])

/** Without a filter: one that allows `tab` and `page` is refused. Paused start, so that the first frames are seen. */
const AUTO_ATTACH = { autoAttach: true, waitForDebuggerOnStart: true, flatten: true }

/**
 * Attaches to everything in the browser that can own a socket: pages, frames of other sites, workers, recursively.
 *
 * A service worker is announced by the browser and again by its page: the second session is let go.
 */
export class Targets {
  readonly #client: CdpClient
  readonly #attached = new Map<string, AttachedTarget>()
  readonly #onAttach: (target: AttachedTarget) => void
  readonly #onDetach: (target: AttachedTarget) => void

  constructor(client: CdpClient, onAttach: (target: AttachedTarget) => void, onDetach: (target: AttachedTarget) => void) {
    this.#client = client
    this.#onAttach = onAttach
    this.#onDetach = onDetach
  }

  /** Starts attaching; targets that exist are announced before the answer. */
  async start(): Promise<void> {
    await this.#client.send('Target.setAutoAttach', AUTO_ATTACH)
  }

  get(sessionId: string | undefined): AttachedTarget | undefined {
    return sessionId === undefined ? undefined : this.#attached.get(sessionId)
  }

  values(): Iterable<AttachedTarget> {
    return this.#attached.values()
  }

  /** @returns whether the event was about targets */
  handle(event: CdpEvent): boolean {
    if (event.method === 'Target.attachedToTarget') this.#attach(event.params)
    else if (event.method === 'Target.detachedFromTarget') this.#detach(String(event.params['sessionId']))
    else return event.method.startsWith('Target.')
    return true
  }

  #attach(params: CdpObject): void {
    const sessionId = String(params['sessionId'])
    const info = params['targetInfo'] as { targetId: string; type: string; url: string }
    const twice =
      info.type === 'service_worker' && [...this.#attached.values()].some(({ targetId }) => targetId === info.targetId)
    if (SOCKET_OWNERS.has(info.type) && !twice) {
      const target = {
        sessionId,
        targetId: info.targetId,
        type: info.type,
        url: info.url,
        existing: params['waitingForDebugger'] !== true,
      }
      this.#attached.set(sessionId, target)
      // Nothing may be awaited before the target runs on: it would wait for us.
      this.#client.tell('Network.enable', {}, sessionId)
      if (HAS_FRAMES.has(info.type)) {
        this.#client.tell('Page.enable', {}, sessionId)
        this.#client.tell('Inspector.enable', {}, sessionId)
      }
      this.#client.tell('Target.setAutoAttach', AUTO_ATTACH, sessionId)
      this.#onAttach(target)
    }
    this.#client.tell('Runtime.runIfWaitingForDebugger', {}, sessionId)
    if (twice) this.#client.tell('Target.detachFromTarget', { sessionId })
  }

  #detach(sessionId: string): void {
    const target = this.#attached.get(sessionId)
    if (!target) return
    this.#attached.delete(sessionId)
    this.#onDetach(target)
  }
}
