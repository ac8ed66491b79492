import { regenerate } from '@vectra/game'
import { describe, expect, it } from 'vitest'
import { seedPath } from '../src/seed-path.ts'

const seed = '0123456789abcdef'.repeat(4)
const gameId = '20260206-43cb4b9b00000000'
const { serverSeedHash, peak, prices } = regenerate(seed, gameId)
const revealed = { gameId, serverSeed: seed, serverSeedHash, version: 'v3', peakMultiplier: peak }

describe('the path of a revealed seed', () => {
  it('is every price to the last digit, the rug’s last', () => {
    expect(seedPath(revealed)?.map(Number)).toEqual(prices)
  })

  it.each([
    ['the hash is another', { serverSeedHash: '0'.repeat(64) }],
    ['the peak is another', { peakMultiplier: peak + 1e-9 }],
    ['no hash was published', { serverSeedHash: null }],
    ['no peak was published', { peakMultiplier: null }],
    ['the rules are unknown', { version: 'v9' }],
  ])('is nothing when %s', (_name, change) => {
    expect(seedPath({ ...revealed, ...change })).toBeNull()
  })
})
