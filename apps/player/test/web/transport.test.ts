import { describe, expect, it } from 'vitest'
import { advance, dueTimes, nextMark, tickAt } from '../../src/web/replay/transport.ts'

describe('the replay clock', () => {
  it('follows the recorded times, and the pace of the game where there are none', () => {
    expect(dueTimes([0, 250, 510])).toEqual([0, 250, 510])
    expect(dueTimes([null, null, 0, 260])).toEqual([0, 250, 500, 760])
    expect(dueTimes([0, null, null, 800])).toEqual([0, 250, 500, 800])
  })

  it('never turns back when a frame came late', () => {
    expect(dueTimes([0, 600, 500, 750])).toEqual([0, 600, 600, 750])
  })

  it('finds the tick that is due', () => {
    const due = [0, 250, 250, 760]
    expect([0, 249, 250, 759, 760, 9_999].map((time) => tickAt(due, time))).toEqual([0, 0, 2, 2, 3, 3])
  })

  it('goes on at any speed, ends at the end, or begins again', () => {
    const due = [0, 250, 500, 750]
    expect(advance(due, { tick: 0, time: 0 }, 250, '2', false)).toEqual({ tick: 2, time: 500, ended: false })
    expect(advance(due, { tick: 0, time: 0 }, 16, 'max', false)).toEqual({ tick: 1, time: 250, ended: false })
    expect(advance(due, { tick: 2, time: 500 }, 10_000, '1', false)).toEqual({ tick: 3, time: 750, ended: true })
    expect(advance(due, { tick: 2, time: 500 }, 10_000, '1', true)).toEqual({ tick: 0, time: 0, ended: false })
    expect(advance([], { tick: 0, time: 0 }, 16, '1', true).ended).toBe(true)
  })

  it('max shows every tick, also those that were received at once', () => {
    const due = [0, 100, 100, 100]
    let head = { tick: 0, time: 0, ended: false }
    const seen: number[] = []
    while (!head.ended) {
      head = advance(due, head, 16, 'max', false)
      seen.push(head.tick)
    }
    expect(seen.at(-1)).toBe(3)
  })

  it('jumps to the nearest mark in either direction', () => {
    const marks = [{ tick: 3 }, { tick: 9 }, { tick: 9 }, { tick: 20 }]
    expect([nextMark(marks, 3, 1), nextMark(marks, 9, -1), nextMark(marks, 20, 1), nextMark([], 0, 1)]).toEqual([
      9,
      3,
      null,
      null,
    ])
  })
})
