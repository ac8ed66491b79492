import { describe, expect, it } from 'vitest'
import { createPipeline, publicWsSource, redundantSource, systemClock, systemRandom } from '../../src/index.ts'
import { describeSource } from '../source-conformance.ts'
import { feedServer } from '../support/feed-server.ts'
import { MemorySink } from '../support/memory-sink.ts'

const clock = systemClock()
const random = systemRandom()
const backoff = { minMs: 1, maxMs: 5 }

const texts = Array.from({ length: 30 }, (_, n) => `42["n",${n},{"price": 1.10}]`)

describeSource('redundant', async () => {
  const server = await feedServer()
  server.io.on('connection', (socket) => {
    for (const text of texts) socket.conn.write(text.slice(1))
  })
  const member = () => publicWsSource({ url: server.url, clock, random, backoff })
  return {
    source: redundantSource([member(), member()], { clock }),
    expected: texts,
    released: () => server.empty(),
    close: () => server.close(),
  }
})

describe('two sockets on one feed', () => {
  it('P9: one is kicked at random 200 times: no event is missing, none is doubled, no gap is declared, the sheet closes', async () => {
    await using server = await feedServer()
    const member = () => publicWsSource({ url: server.url, clock, random, backoff })
    const source = redundantSource([member(), member()], { clock })
    const sink = new MemorySink()
    const pipeline = createPipeline({ source, sink, clock, random })
    const stop = new AbortController()
    const running = pipeline.run(stop.signal)
    let here = [await server.next(), await server.next()]
    const sent: string[] = []
    const say = (): void => {
      const text = `42["tick",{"gameId":"g","n":${sent.length}}]`
      sent.push(text)
      for (const socket of here) socket.conn.write(text.slice(1))
    }
    for (let kick = 0; kick < 200; kick++) {
      say()
      const [victim, other] = random.float() < 0.5 ? here : [...here].reverse()
      if (!victim || !other) throw new Error('two clients expected')
      victim.conn.close()
      here = [other]
      for (let n = 0; n < 3; n++) say()
      here = [other, await server.next()]
      say()
    }
    const stored = (): string[] => sink.frames().flatMap(({ name, text }) => (name === 'tick' ? [text] : []))
    while (stored().length < sent.length) await new Promise((resolve) => setImmediate(resolve))
    stop.abort()
    const summary = await running
    expect(stored()).toEqual(sent)
    expect(sink.system('gap')).toEqual([])
    expect(summary).toMatchObject({ closes: true, gaps: 0, estMissing: 0 })
    expect(summary.duplicates).toBeGreaterThan(200)
    const shares = source.shares()
    const missed = shares.reduce((sum, share) => sum + share.missed, 0)
    const received = shares.reduce((sum, share) => sum + share.received, 0)
    expect(missed + received).toBe(2 * sent.length)
    expect(missed).toBeGreaterThanOrEqual(600)
  })

  it('both gone is a gap, one back ends it', async () => {
    await using server = await feedServer()
    const member = () => publicWsSource({ url: server.url, clock, random, backoff })
    const sink = new MemorySink()
    const stop = new AbortController()
    const pipeline = createPipeline({ source: redundantSource([member(), member()], { clock }), sink, clock, random })
    const running = pipeline.run(stop.signal)
    const both = [await server.next(), await server.next()]
    for (const socket of both) socket.conn.write('2["tick",{"n":1}]')
    const stored = (count: number) => async (): Promise<void> => {
      while (sink.frames().filter(({ name }) => name === 'tick').length < count)
        await new Promise((resolve) => setImmediate(resolve))
    }
    await stored(1)()
    for (const socket of both) socket.conn.close()
    const back = await server.next()
    back.conn.write('2["tick",{"n":2}]')
    await stored(2)()
    stop.abort()
    await running
    expect(sink.system('gap')).toHaveLength(1)
    expect(sink.system('gap')[0]?.payload).toMatchObject({ cause: 'disconnect', recovered_by: null })
  })

  it('a member that gives up leaves the other recording; the last one that gives up is the end', async () => {
    await using server = await feedServer()
    const dead = () => publicWsSource({ url: 'http://127.0.0.1:1', clock, random, backoff, giveUpAfterMs: 20 })
    const alive = publicWsSource({ url: server.url, clock, random, backoff })
    const stop = new AbortController()
    const seen: string[] = []
    const reading = (async () => {
      for await (const item of redundantSource([dead(), alive], { clock }).items(stop.signal)) {
        if (item.kind === 'frame' && String(item.frame.text).startsWith('42')) {
          seen.push(String(item.frame.text))
          stop.abort()
        }
      }
    })()
    const socket = await server.next()
    socket.conn.write('2["tick",{"n":1}]')
    await reading
    expect(seen).toEqual(['42["tick",{"n":1}]'])
    const none = redundantSource([dead(), dead()], { clock }).items(new AbortController().signal)
    const drain = async (): Promise<void> => {
      for await (const _ of none);
    }
    await expect(drain()).rejects.toMatchObject({ code: 'INGEST_SOURCE_UNAVAILABLE' })
  })
})
