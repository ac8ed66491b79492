import { describe, expect, it } from 'vitest'
import { sessionIdAt, systemRandom } from '../src/index.ts'
import { uuidV7 } from '../src/session-id.ts'

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe('session ids', () => {
  it('are UUIDv7 whose first 48 bits are the millisecond', () => {
    const id = uuidV7(1_765_577_802_974_123, new Uint8Array([0xff, 1, 2, 3, 4, 5, 6, 7]))
    expect(id).toMatch(UUID_V7)
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(1_765_577_802_974)
    expect(id.slice(19)).toBe('bf01-020304050607')
  })

  it('sort by time inside a millisecond', () => {
    const ids = [0, 1, 2, 500, 998, 999, 1000].map((us) => uuidV7(1_765_577_802_974_000 + us, new Uint8Array(8)))
    expect(ids.toSorted()).toEqual(ids)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('never repeat their last eight digits in 5,000 tries', () => {
    const random = systemRandom()
    const ids = Array.from({ length: 5_000 }, () => sessionIdAt(1_765_577_802_974_123, random))
    for (const id of ids) expect(id).toMatch(UUID_V7)
    expect(new Set(ids.map((id) => id.slice(-8))).size).toBeGreaterThan(4_990)
  })
})
