import type { Micros } from '@vectra/schemas'
import { plainAddress, redactRaw } from '../../redact.ts'
import type { ConnectionStatus, SourceItem } from '../../source.ts'
import { BrowserClock } from './browser-clock.ts'
import type { CdpOptions } from './cdp.ts'
import { CdpClient, type CdpEvent, type CdpObject } from './client.ts'
import { isHandshake, isPolling, type Lane, Lanes } from './lanes.ts'
import { openSocketUrls } from './open-sockets.ts'
import { Ordered } from './ordered.ts'
import { type AttachedTarget, Targets } from './targets.ts'
import type { CdpTransport } from './transport.ts'

/** Packets of one polled HTTP body are separated by it. */
const RECORD_SEPARATOR = '\u001e'

/** What outlives one browser connection. */
export interface BrowserMemory {
  /** A connection of the feed was lost: the next one is a reconnect. */
  readonly lost: boolean
  readonly recoveryIds: Set<string>
}

interface Poll {
  readonly lane: Lane
  readonly post: boolean
  /** Resolves a place that was kept for the body; null when none was. */
  readonly place: ((items: readonly SourceItem[]) => void) | null
}

/** One run on one browser connection: what its sites' sockets carry, until the browser is gone. */
export class CdpSession {
  readonly #options: CdpOptions
  readonly #client: CdpClient
  readonly #targets: Targets
  readonly #lanes = new Lanes()
  readonly #clock: BrowserClock
  readonly #out: Ordered<SourceItem>
  readonly #closed = Promise.withResolvers<string>()
  /** Polls under way, by session and request. */
  readonly #polls = new Map<string, Poll>()
  /** Sockets whose URL does not match, by session and request. */
  readonly #foreign = new Set<string>()
  /** Sockets from before us whose URL is being asked for, by session and request. */
  readonly #asking = new Map<string, Promise<Lane | null>>()
  /** Private ids of connection state recovery that were seen: one that comes again was recovered. */
  readonly #recoveryIds: Set<string>
  /** A lane was lost on this or an earlier browser connection: the next one is a reconnect. */
  #lost: boolean
  #stopped = false

  constructor(options: CdpOptions, transport: CdpTransport, emit: (item: SourceItem) => void, before: BrowserMemory) {
    this.#options = options
    this.#lost = before.lost
    this.#recoveryIds = before.recoveryIds
    this.#clock = new BrowserClock(options.clock)
    this.#out = new Ordered(emit)
    this.#client = new CdpClient(
      transport,
      options.clock,
      (event) => this.#onEvent(event),
      (reason) => this.#closed.resolve(reason),
    )
    this.#targets = new Targets(
      this.#client,
      (target) => this.#onAttach(target),
      (target) => this.#closeAll(this.#lanes.ofSession(target.sessionId), 'target gone'),
    )
  }

  /** Attaches; resolves with the reason when the browser is gone or `stop` was called. */
  async run(): Promise<BrowserMemory> {
    await this.#targets.start()
    const reason = await this.#closed.promise
    // Our own end is no loss of the page's.
    if (!this.#stopped) this.#closeAll(this.#lanes.open(), reason)
    return { lost: this.#lost, recoveryIds: this.#recoveryIds }
  }

  stop(): void {
    this.#stopped = true
    this.#client.close()
    this.#closed.resolve('stopped')
  }

  #onAttach(target: AttachedTarget): void {
    if (!this.#clock.calibrated && target.type === 'page') void this.#calibrate(target.sessionId)
    if (target.existing && target.type === 'page' && this.#options.reloadOnAttach && this.#options.matchPage?.(target.url)) {
      this.#client.tell('Page.reload', {}, target.sessionId)
    }
  }

  async #calibrate(sessionId: string): Promise<void> {
    try {
      await this.#client.send('Performance.enable', {}, sessionId)
      const asked = this.#options.clock.now()
      const { metrics } = await this.#client.send('Performance.getMetrics', {}, sessionId)
      const time = (metrics as { name: string; value: number }[]).find(({ name }) => name === 'Timestamp')
      if (time) this.#clock.calibrateByAnswer(time.value, asked, this.#options.clock.now())
      this.#client.tell('Performance.disable', {}, sessionId)
    } catch {
      // The page went while it was asked; the next handshake calibrates.
    }
  }

  #onEvent(event: CdpEvent): void {
    if (this.#targets.handle(event)) return
    const { sessionId } = event
    if (sessionId === undefined || !this.#targets.get(sessionId)) return
    const params = event.params
    switch (event.method) {
      case 'Network.webSocketCreated':
        return this.#onCreated(sessionId, String(params['requestId']), String(params['url']))
      case 'Network.webSocketWillSendHandshakeRequest':
        return this.#clock.calibrate(params['timestamp'], params['wallTime'])
      case 'Network.webSocketFrameReceived':
        return this.#onFrame(sessionId, 'received', params)
      case 'Network.webSocketFrameSent':
        return this.#onFrame(sessionId, 'sent', params)
      case 'Network.webSocketClosed':
        return this.#onClosed(sessionId, String(params['requestId']))
      case 'Network.requestWillBeSent':
        return this.#onRequest(sessionId, params)
      case 'Network.loadingFinished':
        return this.#onPolled(sessionId, params)
      case 'Network.loadingFailed':
        this.#takePoll(sessionId, params)?.place?.([])
        return
      case 'Page.frameNavigated':
        if ((params['frame'] as { parentId?: string }).parentId === undefined)
          this.#closeAll(this.#lanes.ofSession(sessionId), 'page navigated')
        return
      case 'Inspector.targetCrashed':
        return this.#closeAll(this.#lanes.ofSession(sessionId), 'tab crashed')
    }
  }

  #onCreated(sessionId: string, requestId: string, url: string): void {
    if (!this.#options.match(url)) this.#foreign.add(`${sessionId} ${requestId}`)
    else this.#lanes.of(sessionId, requestId, url, this.#options.clock.now())
  }

  #onFrame(sessionId: string, direction: 'received' | 'sent', params: CdpObject): void {
    const requestId = String(params['requestId'])
    if (this.#foreign.has(`${sessionId} ${requestId}`)) return
    const at = this.#clock.at(params['timestamp'])
    const { opcode, payloadData } = params['response'] as { opcode: number; payloadData: string }
    if (opcode !== 1 && opcode !== 2) return
    const data = opcode === 1 ? payloadData : new Uint8Array(Buffer.from(payloadData, 'base64'))
    const lane = this.#lanes.get(sessionId, requestId)
    if (lane) return this.#packet(lane, data, direction, at)
    this.#adopt(sessionId, requestId, data, direction, at)
  }

  /** A frame of a socket that was open before us: find out whether it is the site's. */
  #adopt(sessionId: string, requestId: string, data: string | Uint8Array, direction: 'received' | 'sent', at: Micros): void {
    const key = `${sessionId} ${requestId}`
    const asked = this.#asking.get(key) ?? this.#whose(sessionId, requestId, data, at)
    this.#asking.set(key, asked)
    this.#out.reserve(
      asked.then((lane) => {
        this.#asking.delete(key)
        if (lane === null) return []
        return [...this.#connectItems(lane, at, { late_attach: true }), ...this.#items(lane, data, direction, at)]
      }),
    )
  }

  /** The lane of a socket nobody announced, told by the URLs of the target's open sockets; null when it is not the site's. */
  async #whose(sessionId: string, requestId: string, data: string | Uint8Array, at: Micros): Promise<Lane | null> {
    const urls = await openSocketUrls(this.#client, sessionId).catch(() => [])
    const matching = urls.filter((url) => this.#options.match(url))
    const ours = matching.length > 0 && (matching.length === urls.length || (typeof data === 'string' && /^4[0-6]/.test(data)))
    if (ours) return this.#lanes.of(sessionId, requestId, matching.length === 1 ? (matching[0] ?? null) : null, at)
    this.#foreign.add(`${sessionId} ${requestId}`)
    return null
  }

  #onClosed(sessionId: string, requestId: string): void {
    this.#foreign.delete(`${sessionId} ${requestId}`)
    const lane = this.#lanes.get(sessionId, requestId)
    if (lane) this.#closeAll([lane], 'socket closed')
  }

  #onRequest(sessionId: string, params: CdpObject): void {
    const request = params['request'] as { url: string; method: string; postData?: string; hasPostData?: boolean }
    this.#clock.calibrate(params['timestamp'], params['wallTime'])
    if (!isPolling(request.url) || !this.#options.match(request.url)) return
    const requestId = String(params['requestId'])
    const at = this.#clock.at(params['timestamp'])
    const lane = this.#lanes.of(sessionId, requestId, request.url, at)
    const post = request.method === 'POST'
    let place: Poll['place'] = null
    // The page answers a handshake before the browser says that its body is complete.
    if (!post && isHandshake(request.url)) this.#out.reserve(new Promise((resolve) => (place = resolve)))
    this.#polls.set(`${sessionId} ${requestId}`, { lane, post, place })
    if (!post) return
    if (request.postData !== undefined) return this.#body(lane, request.postData, 'sent', at)
    const later = this.#client.send('Network.getRequestPostData', { requestId }, sessionId)
    this.#out.reserve(
      later
        .then(({ postData }) => this.#bodyItems(lane, String(postData), 'sent', at))
        .catch((error) => this.#unread(lane, error, at)),
    )
  }

  #takePoll(sessionId: string, params: CdpObject): Poll | undefined {
    const key = `${sessionId} ${String(params['requestId'])}`
    const poll = this.#polls.get(key)
    this.#polls.delete(key)
    return poll
  }

  #onPolled(sessionId: string, params: CdpObject): void {
    const poll = this.#takePoll(sessionId, params)
    if (!poll || poll.post) return
    const at = this.#clock.at(params['timestamp'])
    const body = this.#client
      .send('Network.getResponseBody', { requestId: String(params['requestId']) }, sessionId)
      .then(({ body, base64Encoded }) => {
        const text = base64Encoded === true ? Buffer.from(String(body), 'base64').toString('utf8') : String(body)
        return this.#bodyItems(poll.lane, text, 'received', at)
      })
      .catch((error) => this.#unread(poll.lane, error, at))
    if (poll.place) void body.then(poll.place)
    else this.#out.reserve(body)
  }

  #body(lane: Lane, body: string, direction: 'received' | 'sent', at: Micros): void {
    for (const item of this.#bodyItems(lane, body, direction, at)) this.#out.push(item)
  }

  #bodyItems(lane: Lane, body: string, direction: 'received' | 'sent', at: Micros): SourceItem[] {
    return body === '' || body === 'ok'
      ? []
      : body.split(RECORD_SEPARATOR).flatMap((packet) => this.#items(lane, packet, direction, at))
  }

  /** A body that is gone (the page went on): frames are missing, and the gap says so. */
  #unread(lane: Lane, error: unknown, at: Micros): SourceItem[] {
    this.#lost = true
    const reason = `polled body lost: ${error instanceof Error ? error.message : String(error)}`
    return [{ kind: 'status', status: { kind: 'disconnect', connection: lane.connection, reason }, at }]
  }

  #packet(lane: Lane, data: string | Uint8Array, direction: 'received' | 'sent', at: Micros): void {
    for (const item of this.#items(lane, data, direction, at)) this.#out.push(item)
  }

  /** Items of one packet: a connect status before the server's CONNECT, then the frame without its secrets. */
  #items(lane: Lane, data: string | Uint8Array, direction: 'received' | 'sent', at: Micros): SourceItem[] {
    lane.lastFrame = at
    if (typeof data === 'string') {
      if (direction === 'received' && data.startsWith('0{')) this.#nameLane(lane, data)
      if (!this.#options.heartbeats && /^[236](probe)?$/.test(data)) return []
    }
    const frame: SourceItem = { kind: 'frame', frame: redactRaw({ text: data, direction, at, connection: lane.connection }) }
    const opens = direction === 'received' && typeof data === 'string' && data.startsWith('40')
    return opens ? [frame, ...this.#connectItems(lane, at, {}, recoveryIdOf(data))] : [frame]
  }

  #nameLane(lane: Lane, open: string): void {
    try {
      const { sid } = JSON.parse(open.slice(1)) as { sid?: unknown }
      if (typeof sid === 'string') this.#lanes.name(lane, sid)
    } catch {
      // A malformed handshake is kept as a frame; without its id later requests get a lane of their own.
    }
  }

  #connectItems(lane: Lane, at: Micros, more: Readonly<Record<string, boolean>>, recoveryId: string | null = null): SourceItem[] {
    if (lane.connected) return []
    lane.connected = true
    const recovered = recoveryId !== null && this.#recoveryIds.has(recoveryId)
    if (recoveryId !== null) this.#recoveryIds.add(recoveryId)
    const target = this.#targets.get(lane.sessionId)
    const details = { url: lane.url === null ? null : plainAddress(lane.url), target: target?.type ?? null, ...more }
    const { connection } = lane
    const covered = this.#lanes.open().some((other) => other !== lane && other.connected)
    const status: ConnectionStatus = this.#lost
      ? { kind: 'reconnect', connection, recovered, covered, details }
      : { kind: 'connect', connection, covered, details }
    return [{ kind: 'status', status, at }]
  }

  #closeAll(lanes: readonly Lane[], reason: string): void {
    const at = this.#options.clock.now()
    for (const [key, poll] of this.#polls) {
      if (!lanes.includes(poll.lane)) continue
      this.#polls.delete(key)
      poll.place?.([])
    }
    for (const lane of lanes) {
      if (!this.#lanes.close(lane) || !lane.connected) continue
      this.#lost = true
      const covered = this.#lanes.open().some((other) => other.connected)
      this.#out.push({ kind: 'status', status: { kind: 'disconnect', connection: lane.connection, reason, covered }, at })
    }
  }
}

/** Private session id in a CONNECT packet: connection state recovery is on. */
function recoveryIdOf(packet: string): string | null {
  return /"pid":"([^"]+)"/.exec(packet)?.[1] ?? null
}
