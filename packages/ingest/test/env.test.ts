import { describe, expect, it } from 'vitest'
import { systemClock, systemRandom } from '../src/index.ts'

describe('the real clock', () => {
  it('has whole microseconds inside the millisecond of the wall clock', () => {
    const clock = systemClock()
    const seen = new Set<number>()
    for (let round = 0; round < 20_000; round += 1) {
      const before = Date.now()
      const at = clock.now()
      const after = Date.now()
      expect(Number.isSafeInteger(at)).toBe(true)
      if (at < before * 1000 || at > after * 1000 + 999) expect.unreachable(`${at} is not in ${before}..${after}`)
      seen.add(at)
    }
    expect(seen.size).toBeGreaterThan(100)
  })

  it('fires a timer once, and never after it was cancelled', async () => {
    const clock = systemClock()
    const fired: string[] = []
    const cancel = clock.timer(1, () => fired.push('cancelled'))
    cancel()
    cancel()
    await new Promise<void>((resolve) => clock.timer(2, resolve, { keepAlive: true }))
    expect(fired).toEqual([])
  })
})

describe('the real randomness', () => {
  it('is in [0, 1) and spread', () => {
    const random = systemRandom()
    const values = Array.from({ length: 2_000 }, () => random.float())
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    expect(mean).toBeGreaterThan(0.4)
    expect(mean).toBeLessThan(0.6)
    expect(random.bytes(5)).toHaveLength(5)
  })
})
