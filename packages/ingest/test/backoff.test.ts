import { describe, expect, it } from 'vitest'
import { backoffDelay } from '../src/index.ts'

describe('backoff', () => {
  it('doubles up to the cap', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 1000].map((attempt) => backoffDelay(attempt, 0.5))).toEqual([
      250, 500, 1000, 2000, 4000, 5000, 5000, 5000,
    ])
  })

  it('spreads by the jitter, both ways', () => {
    expect(backoffDelay(10, 0)).toBe(2_500)
    expect(backoffDelay(10, 1 - Number.EPSILON)).toBe(7_500)
    expect(backoffDelay(3, 0.9, { minMs: 10, maxMs: 40, jitter: 0 })).toBe(40)
  })

  it('is never negative', () => expect(backoffDelay(0, 0, { jitter: 2 })).toBe(0))
})
