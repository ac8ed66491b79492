import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createGenerator } from '../src/index.ts'
import { arc4 } from './arc4.ts'

it('is the ARC4 of its written description, number by number', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 400 }), (seed) => {
      const [ours, described] = [createGenerator(seed), arc4(seed)]
      for (let k = 0; k < 50; k += 1) expect(ours()).toBe(described())
    }),
    { numRuns: 300 },
  )
})

it('stays equal over the numbers of a whole game', () => {
  const seed = 'e2896666bec952ac4dbc65d73e1d08dcd5da597137dcf6255f23cd67db9dcd7c-20251207-1e01ac417e8043ca'
  const [ours, described] = [createGenerator(seed), arc4(seed)]
  for (let k = 0; k < 25_000; k += 1) if (ours() !== described()) expect.fail(`number ${k} differs`)
})

it('leaves Math.random alone', () => {
  const before = Math.random
  createGenerator('x')()
  expect(Math.random).toBe(before)
})
