import type { Micros } from '@vectra/schemas'

/** One Socket.IO connection of the page, whether its packets travel by WebSocket or by polling. */
export interface Lane {
  /** Connection id of its frames, `cdp-1`, `cdp-2`, … */
  readonly connection: string
  /** Session of the target that owns it. */
  readonly sessionId: string
  /** Null for a socket that was open before we attached and whose URL could not be told. */
  readonly url: string | null
  /** The handshake that gives its Engine.IO session id is still under way. */
  named: boolean
  /** A connect status was given for it. */
  connected: boolean
  lastFrame: Micros
}

/** Which network requests belong to which connection. */
export class Lanes {
  readonly #byRequest = new Map<string, Lane>()
  readonly #byEngineId = new Map<string, Lane>()
  readonly #open = new Set<Lane>()
  #count = 0

  /** The lane of a socket or poll, by request, else by the Engine.IO session id in its URL; a new one when neither is known. */
  of(sessionId: string, requestId: string, url: string | null, at: Micros): Lane {
    const key = `${sessionId} ${requestId}`
    const known = this.#byRequest.get(key)
    if (known) return known
    const engineId = url === null ? null : engineIdOf(url)
    const lane =
      (engineId === null ? undefined : (this.#byEngineId.get(engineId) ?? this.#unnamed(sessionId))) ??
      this.#make(sessionId, url, at)
    this.#byRequest.set(key, lane)
    if (engineId !== null) this.#byEngineId.set(engineId, lane)
    return lane
  }

  get(sessionId: string, requestId: string): Lane | undefined {
    return this.#byRequest.get(`${sessionId} ${requestId}`)
  }

  /** The server named the Engine.IO session: later requests carry it in their URL. */
  name(lane: Lane, engineId: string): void {
    lane.named = true
    this.#byEngineId.set(engineId, lane)
  }

  open(): readonly Lane[] {
    return [...this.#open]
  }

  ofSession(sessionId: string): readonly Lane[] {
    return [...this.#open].filter((lane) => lane.sessionId === sessionId)
  }

  /** Forgets a lane; false when it was gone before. */
  close(lane: Lane): boolean {
    if (!this.#open.delete(lane)) return false
    for (const map of [this.#byRequest, this.#byEngineId]) {
      for (const [key, value] of map) if (value === lane) map.delete(key)
    }
    return true
  }

  /** The youngest connection of a target whose handshake is not read yet: an id that nobody knows is its own. */
  #unnamed(sessionId: string): Lane | undefined {
    return this.ofSession(sessionId).findLast((lane) => lane.named === false)
  }

  #make(sessionId: string, url: string | null, at: Micros): Lane {
    this.#count += 1
    const lane: Lane = {
      connection: `cdp-${this.#count}`,
      sessionId,
      url,
      named: url === null || engineIdOf(url) !== null || !isPolling(url),
      connected: false,
      lastFrame: at,
    }
    this.#open.add(lane)
    return lane
  }
}

/** Is this the URL of a polled request? */
export function isPolling(url: string): boolean {
  return url.includes('transport=polling')
}

/** Is this the URL of a request that starts an Engine.IO session? */
export function isHandshake(url: string): boolean {
  return engineIdOf(url) === null
}

/** Engine.IO session id in a URL; null when it has none yet. */
function engineIdOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).searchParams.get('sid') : null
}
