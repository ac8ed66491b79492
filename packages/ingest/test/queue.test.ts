import { describe, expect, it } from 'vitest'
import { BoundedQueue } from '../src/queue.ts'
import { settled } from './support/list-source.ts'

const queue = (maxItems = 3, maxWeight = 100): BoundedQueue<number> =>
  new BoundedQueue({ maxItems, maxWeight, weigh: (item) => item })

describe('the bounded queue', () => {
  it('is full by items or by weight, but always lets one in', () => {
    const items = queue()
    for (const item of [1, 2, 3]) {
      expect(items.full).toBe(false)
      items.push(item)
    }
    expect(items.full).toBe(true)
    const heavy = queue()
    heavy.push(1_000)
    expect(heavy).toMatchObject({ full: true, size: 1, weight: 1_000 })
  })

  it('wakes who waits for room, for an item, or for the end', async () => {
    const items = queue(1)
    const next = items.next()
    items.push(1)
    expect(await next).toEqual({ done: false, value: 1 })
    items.push(2)
    let room = false
    const waiting = items.room().then(() => {
      room = true
    })
    await settled()
    expect(room).toBe(false)
    expect(items.takeAll()).toEqual([2])
    await waiting
    const last = items.next()
    items.end()
    expect(await last).toEqual({ done: true, value: undefined })
    await items.room()
    expect(items.push(3)).toBe(false)
  })

  it('hands out what it holds before the end, and before the failure', async () => {
    const items = queue()
    items.push(1)
    items.fail(new Error('gone'))
    items.fail(new Error('again'))
    expect(await items.next()).toEqual({ done: false, value: 1 })
    await expect(items.next()).rejects.toThrow('gone')
    const dropped = queue()
    dropped.push(1)
    dropped.discard()
    expect(await dropped.next()).toEqual({ done: true, value: undefined })
    expect(dropped.weight).toBe(0)
  })

  it('keeps order and weight over many items', async () => {
    const items = queue(1e9, 1e12)
    for (let item = 0; item < 5_000; item += 1) items.push(item)
    for (let item = 0; item < 4_000; item += 1) expect((await items.next()).value).toBe(item)
    expect(items.size).toBe(1_000)
    expect(items.takeAll()[0]).toBe(4_000)
    expect(items.weight).toBe(0)
  })
})
