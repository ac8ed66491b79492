import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { type AddressInfo, createServer, type Socket as TcpSocket } from 'node:net'
import { describe, expect, it } from 'vitest'
import {
  createPipeline,
  type PublicWsOptions,
  publicWsSource,
  type SourceItem,
  systemClock,
  systemRandom,
} from '../../src/index.ts'
import { describeSource } from '../source-conformance.ts'
import { feedServer } from '../support/feed-server.ts'
import { fixedRandom, ManualClock } from '../support/manual-clock.ts'
import { MemorySink } from '../support/memory-sink.ts'

const clock = systemClock()
const random = systemRandom()
const quick = { minMs: 1, maxMs: 5 }

/** Pulls a source in the background and lets a test wait for what it yields. */
class Listener {
  readonly items: SourceItem[] = []
  readonly stop = new AbortController()
  readonly done: Promise<void>
  #waiters: { test: () => boolean; resolve: () => void }[] = []

  constructor(options: Omit<PublicWsOptions, 'clock' | 'random'> & Partial<PublicWsOptions>) {
    const source = publicWsSource({ clock, random, backoff: quick, ...options })
    this.done = (async () => {
      for await (const item of source.items(this.stop.signal)) {
        this.items.push(item)
        for (const waiter of [...this.#waiters]) if (waiter.test()) waiter.resolve()
      }
    })()
    this.done.catch(() => {})
  }

  /** Resolves when `count` statuses of a kind were yielded. */
  statuses(kind: string, count = 1): Promise<void> {
    return this.until(() => this.items.filter((item) => item.kind === 'status' && item.status.kind === kind).length >= count)
  }

  /** Resolves when `count` events were received. */
  events(count: number): Promise<void> {
    return this.until(() => this.texts().length >= count)
  }

  until(test: () => boolean): Promise<void> {
    return test() ? Promise.resolve() : new Promise((resolve) => this.#waiters.push({ test, resolve }))
  }

  texts(): string[] {
    return this.items.flatMap((item) =>
      item.kind === 'frame' && String(item.frame.text).startsWith('42') ? [String(item.frame.text)] : [],
    )
  }

  kinds(): string[] {
    return this.items.map((item) =>
      item.kind === 'status'
        ? item.status.kind
        : item.kind === 'frame'
          ? `${item.frame.direction} ${String(item.frame.text).slice(0, 2)}`
          : item.kind,
    )
  }
}

const texts = Array.from({ length: 40 }, (_, index) => `42["n",${index},{"price": 1.10, "nested":[1e-7,"é\\u0041😀"]}]`)

describeSource('public_ws', async () => {
  const server = await feedServer()
  server.io.on('connection', (socket) => {
    for (const text of texts) socket.conn.write(text.slice(1))
  })
  return {
    source: publicWsSource({ url: server.url, clock, random, backoff: quick }),
    expected: texts,
    released: () => server.empty(),
    close: () => server.close(),
  }
})

describe('the public source', () => {
  it('P3: yields the exact text of every packet, both ways, handshake and binary included', async () => {
    await using server = await feedServer()
    const listener = new Listener({ url: server.url })
    const socket = await server.next()
    socket.emit('plain', { a: 1 })
    socket.emit('binary', new Uint8Array([1, 2, 3]), { b: Buffer.from([255]) })
    socket.emit('asked', 1, () => {})
    socket.emit('last')
    await listener.until(() => listener.items.some((item) => item.kind === 'frame' && item.frame.text === '42["last"]'))
    const frames = listener.items.flatMap((item) =>
      item.kind === 'frame'
        ? [
            [
              item.frame.direction,
              typeof item.frame.text === 'string' ? item.frame.text : Buffer.from(item.frame.text).toString('hex'),
            ],
          ]
        : [],
    )
    expect(frames[0]?.[1]).toMatch(/^0\{"sid":/)
    expect(frames[1]).toEqual(['sent', '40'])
    expect(frames[2]?.[1]).toMatch(/^40\{"sid":/)
    expect(frames.slice(3)).toEqual([
      ['received', '42["plain",{"a":1}]'],
      ['received', '452-["binary",{"_placeholder":true,"num":0},{"b":{"_placeholder":true,"num":1}}]'],
      ['received', '010203'],
      ['received', 'ff'],
      ['received', '420["asked",1]'],
      ['received', '42["last"]'],
    ])
    expect(listener.kinds().slice(0, 4)).toEqual(['received 0{', 'sent 40', 'received 40', 'connect'])
    listener.stop.abort()
    await listener.done
    await server.empty()
  })

  it('P3: polls a server that refuses WebSocket: the same packets, both ways, binary included, and it still emits nothing', async () => {
    await using server = await feedServer({ transports: ['polling'] })
    const listener = new Listener({ url: server.url })
    const socket = await server.next()
    socket.emit('plain', { a: 1, price: '1.10' })
    socket.emit('binary', new Uint8Array([1, 2, 3]))
    socket.emit('asked', 1, () => {})
    for (let n = 0; n < 300; n++) socket.emit('n', n)
    await listener.until(() => listener.texts().at(-1) === '42["n",299]')
    expect(listener.items.find((item) => item.kind === 'status')).toMatchObject({
      status: { kind: 'connect', details: { transport: 'polling' } },
    })
    const frames = listener.items.flatMap((item) => (item.kind === 'frame' ? [item.frame] : []))
    const text = ({ text }: { text: string | Uint8Array }): string =>
      typeof text === 'string' ? text : `hex ${Buffer.from(text).toString('hex')}`
    expect(frames.slice(0, 3).map(({ direction }) => direction)).toEqual(['received', 'sent', 'received'])
    expect(frames.slice(3).map(text)).toEqual([
      '42["plain",{"a":1,"price":"1.10"}]',
      '451-["binary",{"_placeholder":true,"num":0}]',
      'hex 010203',
      '420["asked",1]',
      ...Array.from({ length: 300 }, (_, n) => `42["n",${n}]`),
    ])
    expect(server.heard).toEqual([])
    socket.conn.close()
    await server.next()
    await listener.statuses('reconnect')
    listener.stop.abort()
    await listener.done
    await server.empty()
  })

  it('goes back to the WebSocket as soon as it is allowed', async () => {
    const first = await feedServer({ transports: ['polling'] })
    const listener = new Listener({ url: first.url })
    await first.next()
    await listener.statuses('connect')
    await first.close()
    await using second = await feedServer({ port: first.port })
    await second.next()
    await listener.statuses('reconnect')
    const last = listener.items.findLast((item) => item.kind === 'status')
    expect(last).toMatchObject({ status: { details: { transport: 'websocket' } } })
    listener.stop.abort()
    await listener.done
  })

  it('never emits: no event, no ack, not even a goodbye', async () => {
    await using server = await feedServer({ connectionStateRecovery: {} })
    const listener = new Listener({ url: server.url })
    const packets: string[] = []
    const socket = await server.next()
    socket.conn.on('packet', ({ type, data }: { type: string; data?: unknown }) => packets.push(`${type}${String(data ?? '')}`))
    let acked = false
    socket.emit('question', () => {
      acked = true
    })
    socket.emit('end')
    await listener.events(2)
    socket.conn.close()
    await listener.statuses('disconnect')
    const second = await server.next()
    second.conn.on('packet', ({ type, data }: { type: string; data?: unknown }) => packets.push(`${type}${String(data ?? '')}`))
    listener.stop.abort()
    await listener.done
    await server.empty()
    expect(server.heard).toEqual([])
    expect(acked).toBe(false)
    expect(packets.filter((packet) => !packet.startsWith('pong'))).toEqual([])
  })

  it('comes back after every kick, with a new connection each time', async () => {
    await using server = await feedServer()
    const listener = new Listener({ url: server.url })
    for (let round = 0; round < 12; round += 1) {
      const socket = await server.next()
      socket.emit('round', round)
      await listener.events(round + 1)
      if (round % 3 === 0) socket.disconnect(true)
      else if (round % 3 === 1) socket.conn.close()
      else (socket.conn.transport as unknown as { socket: { terminate(): void } }).socket.terminate()
      await listener.statuses('disconnect', round + 1)
    }
    listener.stop.abort()
    await listener.done
    expect(listener.texts()).toEqual(Array.from({ length: 12 }, (_, round) => `42["round",${round}]`))
    const statuses = listener.items.flatMap((item) => (item.kind === 'status' ? [item.status] : []))
    expect(statuses.filter(({ kind }) => kind === 'connect')).toHaveLength(1)
    expect(statuses.filter(({ kind }) => kind === 'reconnect').length).toBeGreaterThanOrEqual(11)
    const connections = statuses
      .filter(({ kind }) => kind === 'connect' || kind === 'reconnect')
      .map(({ connection }) => connection)
    expect(new Set(connections).size).toBe(connections.length)
  })

  it('P9: a server restart is connect errors, a reconnect and one gap row', async () => {
    const first = await feedServer()
    const { port } = first
    const sink = new MemorySink()
    const stop = new AbortController()
    const pipeline = createPipeline({
      source: publicWsSource({ url: first.url, clock, random, backoff: quick }),
      sink,
      clock,
      random,
    })
    const bus = pipeline.bus.subscribe()
    const run = pipeline.run(stop.signal)
    const seen = async (name: string): Promise<void> => {
      for (;;) {
        const next = await bus.next()
        if (next.done || next.value.event_name === name) return
      }
    }
    const socket = await first.next()
    for (let index = 0; index < 5; index += 1) socket.emit('before', index)
    await seen('before')
    await first.close()
    await seen('connect_error')
    await using second = await feedServer({ port })
    ;(await second.next()).emit('after')
    await seen('after')
    stop.abort()
    expect(await run).toMatchObject({ gaps: 1, closes: true, reason: 'stopped' })
    const names = sink.events.map(({ event_name }) => event_name).filter((name) => !/^(engine|socket)\.|connect_error/.test(name))
    expect(names).toEqual([
      'session_start',
      'connect',
      ...Array.from({ length: 5 }, () => 'before'),
      'disconnect',
      'reconnect',
      'gap',
      'after',
      'session_end',
    ])
    const gap = sink.system('gap')[0]?.payload as { from: number; to: number; cause: string; est_missing: number }
    const frames = sink.events.filter(({ packet }) => packet === '42')
    expect(gap).toMatchObject({ cause: 'disconnect', from: frames.at(-2)?._ts, to: frames.at(-1)?._ts, recovered_by: null })
    expect(sink.system('connect_error').length).toBeGreaterThan(0)
  })

  it('has nothing missing when the server recovers the connection state', async () => {
    await using server = await feedServer({ connectionStateRecovery: {} })
    const sink = new MemorySink()
    const stop = new AbortController()
    const pipeline = createPipeline({
      source: publicWsSource({ url: server.url, clock, random, backoff: quick }),
      sink,
      clock,
      random,
    })
    const bus = pipeline.bus.subscribe()
    const run = pipeline.run(stop.signal)
    const payloads: unknown[] = []
    const until = async (last: number): Promise<void> => {
      for await (const event of { [Symbol.asyncIterator]: () => ({ next: () => bus.next() }) }) {
        if (event.event_name === 'tick') payloads.push(event.payload)
        if (event.event_name === 'tick' && (event.payload as { n: number }).n === last) return
      }
    }
    const socket = await server.next()
    server.io.emit('tick', { n: 1 })
    server.io.emit('tick', { n: 2 })
    await until(2)
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    socket.conn.on('close', () => resolve())
    ;(socket.conn.transport as unknown as { socket: { terminate(): void } }).socket.terminate()
    await closed
    server.io.emit('tick', { n: 3 })
    await until(3)
    server.io.emit('tick', { n: 4 })
    await until(4)
    stop.abort()
    await run
    expect(payloads).toEqual([1, 2, 3, 4].map((n) => ({ n })))
    expect(sink.system('reconnect')[0]?.payload).toMatchObject({ recovered: true })
    expect(sink.system('gap')[0]?.payload).toMatchObject({ est_missing: 0, recovered_by: 'connection_state_recovery' })
    const tick = sink.events.find(({ event_name }) => event_name === 'tick')
    expect(JSON.parse(tick?.raw_json ?? '')).toHaveLength(3)
    expect(tick?.payload_index).toBe(1)
  })

  it('does not hammer a server that accepts and hangs up: only a message makes the waits short again', async () => {
    const manual = new ManualClock()
    await using server = await feedServer()
    const listener = new Listener({
      url: server.url,
      clock: manual,
      random: fixedRandom(),
      backoff: { minMs: 100, maxMs: 700, jitter: 0 },
    })
    for (const delayMs of [100, 200, 400, 700, 700]) {
      const socket = await server.next()
      socket.conn.close()
      await manual.until((pending) => pending.includes(delayMs))
      manual.advance(delayMs)
    }
    const good = await server.next()
    good.emit('message')
    await listener.events(1)
    good.conn.close()
    await manual.until((pending) => pending.includes(100))
    listener.stop.abort()
    await listener.done
  })

  it('leaves a connection that is open but silent; heartbeats do not count', async () => {
    const manual = new ManualClock()
    await using server = await feedServer({ pingInterval: 20, pingTimeout: 5_000 })
    const listener = new Listener({
      url: server.url,
      clock: manual,
      random: fixedRandom(),
      staleMs: 10_000,
      backoff: { minMs: 100, jitter: 0 },
    })
    const socket = await server.next()
    socket.emit('only')
    await listener.events(1)
    // Two heartbeats go by: they must not move the watchdog.
    for (let beats = 0; beats < 2; beats += 1) await new Promise<void>((resolve) => socket.conn.once('heartbeat', resolve))
    manual.advance(9_999)
    expect(listener.kinds()).not.toContain('stale')
    manual.advance(1)
    await listener.statuses('stale')
    manual.advance(100)
    const second = await server.next()
    second.emit('again')
    await listener.events(2)
    expect(listener.kinds().slice(listener.kinds().indexOf('stale'))).toEqual([
      'stale',
      'received 0{',
      'sent 40',
      'received 40',
      'reconnect',
      'received 42',
    ])
    listener.stop.abort()
    await listener.done
  })

  it('leaves a half-open connection: the peer is gone without a word', async () => {
    const manual = new ManualClock()
    await using server = await feedServer()
    const listener = new Listener({ url: server.url, clock: manual, random: fixedRandom(), staleMs: 10_000 })
    const socket = await server.next()
    socket.emit('only')
    await listener.events(1)
    ;(socket.conn.transport as unknown as { socket: { _socket: TcpSocket } }).socket._socket.pause()
    manual.advance(10_000)
    await listener.statuses('stale')
    manual.advance(10)
    ;(await server.next()).emit('again')
    await listener.events(2)
    listener.stop.abort()
    await listener.done
  })

  it('does not wait for ever for a server that accepts and says nothing', async () => {
    const manual = new ManualClock()
    const open: TcpSocket[] = []
    const mute = createServer((socket) => open.push(socket))
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    const listener = new Listener({
      url: `http://127.0.0.1:${(mute.address() as AddressInfo).port}`,
      clock: manual,
      random: fixedRandom(),
      connectTimeoutMs: 5_000,
    })
    await manual.until((pending) => pending.includes(5_000))
    manual.advance(5_000)
    await listener.statuses('connect_error')
    expect(listener.items[0]).toMatchObject({ status: { kind: 'connect_error', message: 'timeout', details: { attempt: 1 } } })
    listener.stop.abort()
    await listener.done
    for (const socket of open) socket.destroy()
    await new Promise<void>((resolve) => mute.close(() => resolve()))
  })

  it('survives a malformed handshake and a malformed connect error', async () => {
    const answers = ['0{"sid":', '0null', '0{"sid":"a","upgrades":[],"pingInterval":1000,"pingTimeout":1000,"maxPayload":1}\n44']
    const mean = meanServer(answers)
    const listener = new Listener({ url: await mean.listen(), backoff: { minMs: 1, maxMs: 1 } })
    await listener.statuses('connect_error', 2)
    await listener.until(() => listener.kinds().includes('received 44'))
    listener.stop.abort()
    await listener.done
    await mean.close()
  })

  it('keeps a connection on which one packet is broken', async () => {
    await using server = await feedServer()
    const listener = new Listener({ url: server.url })
    const socket = await server.next()
    for (const message of ['2[broken', '2["connect",1]', '9', '51-["x"]', '2["still here"]', '3999[]', '3x'])
      socket.conn.write(message)
    socket.emit('alive')
    await listener.until(() => listener.items.some((item) => item.kind === 'frame' && item.frame.text === '42["alive"]'))
    expect(listener.kinds().filter((kind) => !/^(received|sent)/.test(kind))).toEqual(['connect'])
    listener.stop.abort()
    await listener.done
  })

  it('holds the server back while nobody pulls, and loses nothing', async () => {
    await using server = await feedServer({ pingInterval: 60_000 })
    const source = publicWsSource({ url: server.url, clock, random, backoff: quick, buffer: { maxItems: 16, maxBytes: 200_000 } })
    const items = source.items(new AbortController().signal)[Symbol.asyncIterator]()
    const first = items.next()
    const socket = await server.next()
    await first
    const big = 'x'.repeat(100_000)
    for (let index = 0; index < 300; index += 1) socket.emit('big', index, big)
    const ws = socket.conn.transport as unknown as { socket: { bufferedAmount: number } }
    // Time enough to read it all, if anybody read.
    for (let turn = 0; turn < 2_000; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve))
    expect(ws.socket.bufferedAmount).toBeGreaterThan(1_000_000)
    const seen: number[] = []
    while (seen.length < 300) {
      const { value } = await items.next()
      if (value?.kind === 'status') expect(value.status.kind).toBe('connect')
      if (value?.kind === 'frame' && String(value.frame.text).startsWith('42["big"'))
        seen.push(Number(/,(\d+),/.exec(String(value.frame.text))?.[1]))
    }
    expect(seen).toEqual(Array.from({ length: 300 }, (_, index) => index))
    await items.return?.()
    await server.empty()
  })

  it('keeps what came in one segment, however small the buffer', async () => {
    await using server = await feedServer()
    const source = publicWsSource({ url: server.url, clock, random, backoff: quick, buffer: { maxItems: 2 } })
    const items = source.items(new AbortController().signal)[Symbol.asyncIterator]()
    const first = items.next()
    const socket = await server.next()
    await first
    for (let index = 0; index < 1_000; index += 1) socket.emit('n', index)
    const seen: string[] = []
    while (seen.length < 1_000) {
      const { value } = await items.next()
      if (value?.kind === 'status') expect(value.status.kind).toBe('connect')
      if (value?.kind === 'frame' && String(value.frame.text).startsWith('42')) seen.push(String(value.frame.text))
    }
    expect(seen).toEqual(Array.from({ length: 1_000 }, (_, index) => `42["n",${index}]`))
    await items.return?.()
  })

  it('P9: counts exactly what it had to throw away on a socket that cannot be held back', async () => {
    const { WebSocket } = createRequire(clientPath('engine.io-client'))('ws') as { WebSocket: { prototype: { pause: unknown } } }
    const { pause } = WebSocket.prototype
    WebSocket.prototype.pause = undefined
    try {
      await using server = await feedServer()
      const sink = new MemorySink()
      const opened = Promise.withResolvers<void>()
      const go = Promise.withResolvers<void>()
      sink.hooks = {
        beforeAppend: () => {
          opened.resolve()
          return go.promise
        },
      }
      const source = publicWsSource({ url: server.url, clock, random, onServerDisconnect: 'end', buffer: { maxItems: 8 } })
      const pipeline = createPipeline({ source, sink, clock, random, buffer: { maxEvents: 1 } })
      const run = pipeline.run()
      await opened.promise
      const socket = await server.next()
      for (let index = 0; index < 200; index += 1) socket.emit('n', index)
      const drained = Promise.withResolvers<void>()
      socket.conn.write('2["last"]', {}, () => drained.resolve())
      await drained.promise
      for (let turn = 0; turn < 500; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve))
      go.resolve()
      for (;;) {
        await new Promise<void>((resolve) => setImmediate(resolve))
        if (sink.system('gap').length > 0) break
      }
      socket.emit('after')
      socket.disconnect(true)
      await run
      const { est_missing: missed, cause } = (sink.system('gap')[0]?.payload ?? {}) as { est_missing: number; cause: string }
      const events = sink.frames().filter(({ text }) => text.startsWith('42'))
      expect(cause).toBe('backpressure')
      expect(missed).toBeGreaterThan(100)
      expect(events.length + missed).toBe(202)
      expect(events.at(-1)?.text).toBe('42["after"]')
    } finally {
      WebSocket.prototype.pause = pause
    }
  })

  it('an address’s user, password and query are neither stored nor told', async () => {
    const address = 'http://ann:pass-s3cret@127.0.0.1:1/?token=query-s3cret#frag-s3cret'
    const source = publicWsSource({ url: address, clock, random, backoff: quick, giveUpAfterMs: 5 })
    const sink = new MemorySink()
    const error: unknown = await createPipeline({ source, sink, clock, random })
      .run()
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'INGEST_SOURCE_UNAVAILABLE', context: { url: 'http://127.0.0.1:1/' } })
    const told = [error instanceof Error ? error.message : '', JSON.stringify(error), JSON.stringify(sink.events)]
    expect([...told, JSON.stringify([...sink.sessions.values()])].join('\n')).not.toContain('s3cret')
    expect(sink.system('connect_error').length).toBeGreaterThan(0)
  })

  it('says when the server ends the feed, if asked to believe it', async () => {
    await using server = await feedServer()
    const listener = new Listener({ url: server.url, onServerDisconnect: 'end' })
    const socket = await server.next()
    socket.emit('only')
    socket.disconnect(true)
    await listener.done
    expect(listener.kinds()).toEqual([
      'received 0{',
      'sent 40',
      'received 40',
      'connect',
      'received 42',
      'received 41',
      'disconnect',
    ])
    expect(listener.items.at(-1)).toMatchObject({ status: { kind: 'disconnect', reason: 'io server disconnect', final: true } })
  })

  it('gives up on an unreachable server when told to, with a code for exit 69', async () => {
    const gone = await feedServer()
    await gone.close()
    const manual = new ManualClock()
    const listener = new Listener({
      url: gone.url,
      clock: manual,
      random: fixedRandom(),
      giveUpAfterMs: 1_000,
      backoff: { jitter: 0 },
    })
    for (const [attempt, delayMs] of [250, 500, 250].entries()) {
      await listener.statuses('connect_error', attempt + 1)
      await manual.until((pending) => pending.includes(delayMs))
      manual.advance(delayMs)
    }
    await expect(listener.done).rejects.toMatchObject({
      code: 'INGEST_SOURCE_UNAVAILABLE',
      context: { url: `${gone.url}/`, downMs: 1_000 },
    })
    expect(listener.kinds()).toEqual(['connect_error', 'connect_error', 'connect_error', 'connect_error'])
  })

  it('stops at once while it waits for the next attempt', async () => {
    const gone = await feedServer()
    await gone.close()
    const manual = new ManualClock()
    const listener = new Listener({ url: gone.url, clock: manual, random: fixedRandom(), backoff: { jitter: 0 } })
    await listener.statuses('connect_error')
    await manual.until((pending) => pending.includes(250))
    listener.stop.abort()
    await listener.done
    expect(manual.pending).toEqual([])
  })

  it('refuses what is no Socket.IO address', () => {
    expect(() => publicWsSource({ url: 'not a url', clock, random })).toThrow(TypeError)
    expect(() => publicWsSource({ url: 'ftp://example.org', clock, random })).toThrow(TypeError)
  })
})

/** Where a dependency of socket.io-client stands. */
function clientPath(name: string): string {
  return createRequire(createRequire(import.meta.url).resolve('socket.io-client')).resolve(name)
}

/** A WebSocket server by hand that answers each connection with the next Engine.IO texts (one per line), whatever they are. */
function meanServer(answers: string[]): { listen(): Promise<string>; close(): Promise<void> } {
  const sockets = new Set<TcpSocket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', (head) => {
      const key = /sec-websocket-key: (.+)\r\n/i.exec(head.toString())?.[1] ?? ''
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      )
      for (const text of (answers.shift() ?? '').split('\n')) {
        const body = Buffer.from(text)
        socket.write(Buffer.concat([Buffer.from([0x81, body.length]), body]))
      }
    })
  })
  return {
    listen: () =>
      new Promise((resolve) =>
        server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
      ),
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
