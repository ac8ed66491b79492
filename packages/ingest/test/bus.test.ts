import { describe, expect, it } from 'vitest'
import { EventBus } from '../src/index.ts'
import { collect } from './support/list-source.ts'

describe('the event bus', () => {
  it('gives every subscriber every item in order, from when it subscribed', async () => {
    const bus = new EventBus<number>()
    bus.publish(0)
    const all = bus.subscribe()
    const even = bus.subscribe({ filter: (item) => item % 2 === 0 })
    for (const item of [1, 2, 3, 4]) expect(bus.publish(item)).toBeUndefined()
    bus.close()
    expect(await collect(all)).toEqual([1, 2, 3, 4])
    expect(await collect(even)).toEqual([2, 4])
  })

  it('makes the publisher wait for a blocking subscriber', async () => {
    const bus = new EventBus<number>()
    const slow = bus.subscribe({ capacity: 2 })
    expect(bus.publish(1)).toBeUndefined()
    let waited = false
    const waiting = bus.publish(2)?.then(() => {
      waited = true
    })
    expect(waiting).toBeInstanceOf(Promise)
    await Promise.resolve()
    expect(waited).toBe(false)
    expect(await slow.next()).toEqual({ done: false, value: 1 })
    await waiting
    expect(waited).toBe(true)
  })

  it('drops the oldest items of a lossy one, and counts them', async () => {
    const bus = new EventBus<number>()
    const lossy = bus.subscribe({ policy: 'lossy', capacity: 3 })
    for (let item = 0; item < 10; item += 1) expect(bus.publish(item)).toBeUndefined()
    expect(bus.stats()).toEqual([{ policy: 'lossy', pending: 3, delivered: 0, dropped: 7 }])
    bus.close()
    expect(await collect(lossy)).toEqual([7, 8, 9])
    expect(lossy.dropped).toBe(7)
    expect(lossy.delivered).toBe(3)
  })

  it('lets the publisher go when a full subscriber leaves its loop, aborts or is disposed', async () => {
    for (const leave of ['break', 'abort', 'dispose'] as const) {
      const bus = new EventBus<number>()
      const abort = new AbortController()
      const subscriber = bus.subscribe({ capacity: 1, signal: abort.signal })
      const waiting = bus.publish(1)
      expect(waiting).toBeDefined()
      if (leave === 'break') for await (const _ of subscriber) break
      else if (leave === 'abort') abort.abort()
      else await subscriber[Symbol.asyncDispose]()
      await waiting
      expect(bus.publish(2)).toBeUndefined()
      expect(bus.stats()).toEqual([])
      expect(await subscriber.next()).toEqual({ done: true, value: undefined })
    }
  })

  it('wakes a waiting reader at the end, and is empty for late comers', async () => {
    const bus = new EventBus<number>()
    const next = bus.subscribe().next()
    bus.close()
    bus.close()
    expect(await next).toEqual({ done: true, value: undefined })
    expect(await collect(bus.subscribe())).toEqual([])
    const aborted = new EventBus<number>().subscribe({ signal: AbortSignal.abort() })
    expect(await collect(aborted)).toEqual([])
  })

  it('refuses a capacity that is none', () => {
    for (const capacity of [0, -1, 1.5, Number.NaN])
      expect(() => new EventBus<number>().subscribe({ capacity })).toThrow(TypeError)
  })
})
