import { type AddressInfo, createServer } from 'node:net'
import { io, type Socket } from 'socket.io-client'
import { describe, expect, it } from 'vitest'
import {
  publicWsSource,
  ReplayControl,
  type ReplayRecord,
  type ReplayServer,
  type ServeReplayOptions,
  serveReplay,
  systemClock,
  systemRandom,
} from '../../src/index.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { record } from '../support/record.ts'

const clock = systemClock()
const random = systemRandom()
const received = (text: string | Uint8Array, at = 0): ReplayRecord => ({ at, text, direction: 'received' })
const numbered = (count: number, padding = ''): ReplayRecord[] =>
  Array.from({ length: count }, (_, index) => received(`42["n",${index},"${padding}"]`, index * 250_000))
const serve = (options: Partial<ServeReplayOptions> = {}): Promise<ReplayServer> =>
  serveReplay({ records: numbered(10), clock, speed: 'max', ...options })

/** A stock client that collects events; resolves its events when the server hangs up. */
function stock(url: string, transports = ['websocket']): { socket: Socket; events: unknown[][]; over: Promise<string> } {
  const socket = io(url, { transports, reconnection: false, forceNew: true })
  const events: unknown[][] = []
  socket.onAny((...event: unknown[]) => events.push(event))
  return { socket, events, over: new Promise((resolve) => socket.on('disconnect', resolve)) }
}

async function recorded(url: string): Promise<(string | null)[]> {
  const { sink } = await record(publicWsSource({ url, clock, random, onServerDisconnect: 'end' }))
  return sink
    .frames()
    .filter(({ text }) => /^(42|45|b)/.test(text))
    .map(({ text }) => text)
}

describe('a replay server', () => {
  it('P3: writes recorded text byte for byte, odd numbers, blanks and letters included', async () => {
    const texts = [
      '42["gameStateUpdate",{"price": 1.10,  "b":7.6432e-05,"big":123456789012345678901234567890}]',
      '42[ "é😀\\u0041" ,\n null ]',
      '42["dup",{"a":1,"a":2}]',
      '42/feed,["other namespace"]',
      '4217["asks",1]',
    ]
    await using server = await serve({ records: texts.map((text) => received(text)) })
    expect(await recorded(server.url)).toEqual(texts)
  })

  it('under a control: all clients get one event a step, the same ones', async () => {
    const control = new ReplayControl({ paused: true })
    await using server = await serveReplay({ records: numbered(5), clock, control })
    const clients = [stock(server.url), stock(server.url)]
    for (const { socket } of clients) await new Promise<void>((resolve) => socket.on('connect', () => resolve()))
    const got = (count: number): Promise<unknown> =>
      Promise.all(
        clients.map(async ({ socket, events }) => {
          while (events.length < count) await new Promise((resolve) => socket.onAny(resolve))
        }),
      )
    control.step()
    await got(1)
    control.step(2)
    await got(3)
    expect(clients.map(({ events }) => events.map(([, n]) => n))).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ])
    control.setSpeed('max')
    control.resume()
    await Promise.all(clients.map(({ over }) => over))
    expect(clients.map(({ events }) => events.length)).toEqual([5, 5])
    await expect(serve({ control, start: 'connect' })).rejects.toThrow(TypeError)
  })

  it('plays binary events with their attachments', async () => {
    const header = '451-["bin",{"_placeholder":true,"num":0}]'
    await using server = await serve({
      records: [
        received(header),
        received(new Uint8Array([1, 2, 255])),
        received('42["x"]'),
        received(header),
        received('bAQL/'),
        received('42["y"]'),
      ],
    })
    expect(await recorded(server.url)).toEqual([header, 'bAQL/', '42["x"]', header, 'bAQL/', '42["y"]'])
    const client = stock(server.url)
    await client.over
    expect(client.events[0]).toEqual(['bin', Buffer.from([1, 2, 255])])
  })

  it('leaves out what belonged to the recorded connection', async () => {
    const all = [
      '0{"sid":"old"}',
      '40{"sid":"old"}',
      '2',
      '42["a"]',
      '431[{"success":true}]',
      '41',
      '44{"message":"x"}',
      'bAQL/',
      'nonsense',
      '42["b"]',
    ]
    await using server = await serve({
      records: [...all.map((text) => received(text)), { at: 0, text: '42["sent"]', direction: 'sent' }],
    })
    expect(await recorded(server.url)).toEqual(['42["a"]', '42["b"]'])
    expect(server.sent).toBe(2)
  })

  it.each([[['websocket']], [['polling']]])('serves stock clients over %s', async (transports) => {
    await using server = await serve()
    const client = stock(server.url, transports)
    expect(await client.over).toBe('io server disconnect')
    expect(client.events.map(([, index]) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('plays to every client from the start, and is done when one has it all', async () => {
    await using server = await serve()
    let done = false
    void server.done.then(() => {
      done = true
    })
    expect(done).toBe(false)
    expect(await Promise.all([recorded(server.url), recorded(server.url)])).toEqual([
      numbered(10).map(({ text }) => text),
      numbered(10).map(({ text }) => text),
    ])
    await server.done
    expect(server.sent).toBe(20)
    expect(await recorded(server.url)).toHaveLength(10)
  })

  it('keeps to recorded time × speed', async () => {
    const manual = new ManualClock()
    await using server = await serve({ clock: manual, speed: 2 })
    const client = stock(server.url)
    for (let count = 1; count < 10; count += 1) {
      await manual.until((pending) => pending.length === 1)
      expect(manual.pending).toEqual([125])
      manual.advance(125)
    }
    await client.over
    expect(client.events).toHaveLength(10)
  })

  it('on a shared clock, a late client joins where the others are', async () => {
    const manual = new ManualClock()
    await using server = await serve({ clock: manual, speed: 1, start: 'shared', keepOpen: true })
    const early = stock(server.url)
    await manual.until((pending) => pending.length === 1)
    manual.advance(250)
    await manual.until((pending) => pending.length === 1)
    const late = stock(server.url)
    await new Promise<void>((resolve) => late.socket.on('connect', resolve))
    for (let index = 2; index < 10; index += 1) {
      await manual.until((pending) => pending.length === 1)
      manual.advance(250)
    }
    await server.done
    const numbers = (client: { events: unknown[][] }): unknown[] => client.events.map(([, index]) => index)
    while (numbers(early).length < 10 || numbers(late).length < 8)
      await new Promise<void>((resolve) => late.socket.onAny(() => setImmediate(resolve)))
    expect(numbers(early)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(numbers(late)).toEqual([2, 3, 4, 5, 6, 7, 8, 9])
    expect(server.clients).toBe(2)
    early.socket.disconnect()
    late.socket.disconnect()
  })

  it('loops, and stays open when asked to', async () => {
    await using looping = await serve({ records: numbered(3), loop: true })
    const client = stock(looping.url)
    while (client.events.length < 10) await new Promise<void>((resolve) => client.socket.once('n', () => resolve()))
    expect(client.events.slice(0, 7).map(([, index]) => index)).toEqual([0, 1, 2, 0, 1, 2, 0])
    await using open = await serve({ keepOpen: true })
    const kept = stock(open.url)
    await open.done
    expect(open.clients).toBe(1)
    kept.socket.disconnect()
    client.socket.disconnect()
  })

  it('does not read ahead of a client that does not read', async () => {
    let read = 0
    const records = function* (): Generator<ReplayRecord> {
      for (const next of numbered(200, 'x'.repeat(100_000))) {
        read += 1
        yield next
      }
    }
    await using server = await serve({ records: () => records() })
    const source = publicWsSource({ url: server.url, clock, random, onServerDisconnect: 'end', buffer: { maxItems: 4 } })
    const items = source.items(new AbortController().signal)[Symbol.asyncIterator]()
    await items.next()
    await new Promise<void>((resolve) => setImmediate(resolve))
    expect(read).toBeLessThan(150)
    let events = 0
    for (let next = await items.next(); !next.done; next = await items.next())
      if (next.value.kind === 'frame' && String(next.value.frame.text).startsWith('42')) events += 1
    expect(events).toBe(200)
  })

  it('survives clients that leave in the middle, and ignores what they ask for', async () => {
    await using server = await serve({ records: numbered(500, 'x'.repeat(10_000)) })
    for (let round = 0; round < 5; round += 1) {
      const client = stock(server.url)
      client.socket.emit('buyOrder', { amount: 1 }, () => expect.unreachable())
      await new Promise<void>((resolve) => client.socket.once('n', () => resolve()))
      client.socket.disconnect()
    }
    expect(await recorded(server.url)).toHaveLength(500)
  })

  it('listens on loopback unless told otherwise, and says when the port is taken', async () => {
    await using server = await serve()
    expect(server).toMatchObject({ host: '127.0.0.1', url: `http://127.0.0.1:${server.port}` })
    await expect(serve({ port: server.port })).rejects.toMatchObject({
      code: 'INGEST_PORT_IN_USE',
      context: { port: server.port },
    })
    await expect(serve({ host: '192.0.2.1' })).rejects.toMatchObject({ code: 'INGEST_LISTEN_FAILED' })
  })

  it('frees its port when closed, however often', async () => {
    const server = await serve({ loop: true })
    const client = stock(server.url)
    await new Promise<void>((resolve) => client.socket.once('n', () => resolve()))
    await Promise.all([server.close(), server.close()])
    await server.done
    await client.over
    const again = createServer()
    await new Promise<void>((resolve) => again.listen(server.port, '127.0.0.1', resolve))
    expect((again.address() as AddressInfo).port).toBe(server.port)
    await new Promise<void>((resolve) => again.close(() => resolve()))
  })

  it('refuses a speed that is none, and records that can be read once', async () => {
    await expect(serve({ speed: 0 })).rejects.toThrow(TypeError)
    await expect(serve({ records: numbered(3).values() })).rejects.toThrow(TypeError)
  })
})
