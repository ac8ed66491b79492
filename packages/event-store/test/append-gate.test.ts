import { describe, expect, it } from 'vitest'
import { AppendGate } from '../src/append-gate.ts'

describe('append gate', () => {
  it('lets pass up to its bound, holds back above it, and goes on in order when there is room', () => {
    const gate = new AppendGate(100)
    const passed: number[] = []
    const pass = (id: number): void => gate.pass(() => void passed.push(id))
    gate.sealed(100)
    pass(1)
    gate.sealed(1)
    pass(2)
    pass(3)
    expect([passed, gate.bytes]).toEqual([[1], 101])
    gate.published(1)
    expect([passed, gate.bytes]).toEqual([[1, 2, 3], 100])
    pass(4)
    expect(passed).toEqual([1, 2, 3, 4])
  })

  it('an append that seals a segment closes the gate for those behind it', () => {
    const gate = new AppendGate(100)
    const passed: number[] = []
    gate.sealed(200)
    for (const id of [1, 2]) {
      gate.pass(() => {
        passed.push(id)
        gate.sealed(200)
      })
    }
    gate.published(200)
    expect(passed).toEqual([1])
    gate.published(200)
    expect(passed).toEqual([1, 2])
  })

  it('drains at once, whatever waits to become parts', () => {
    const gate = new AppendGate(0)
    const passed: number[] = []
    gate.sealed(1)
    for (const id of [1, 2]) gate.pass(() => void passed.push(id))
    expect(passed).toEqual([])
    gate.drain()
    expect(passed).toEqual([1, 2])
  })
})
