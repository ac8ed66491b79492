import { describe, expect, it } from 'vitest'
import { eventShape, jsonKind } from '../src/index.ts'

const kinds = (event: string, path: string): string[] | undefined => {
  const found = eventShape(event)?.get(path)
  return found && [...found].sort()
}

describe('eventShape', () => {
  it('names fields by path, with the kinds their schema allows', () => {
    expect(kinds('gameStateUpdate', '')).toEqual(['object'])
    expect(kinds('gameStateUpdate', 'price')).toEqual(['number'])
    expect(kinds('gameStateUpdate', 'pauseMessage')).toEqual(['null', 'string'])
    expect(kinds('gameStateUpdate', 'leaderboard[]')).toEqual(['object'])
    expect(kinds('gameStateUpdate', 'leaderboard[].sideBet')).toEqual(['null', 'object'])
    expect(kinds('gameStateUpdate', 'leaderboard[].sideBet.betAmount')).toEqual(['number'])
    expect(kinds('gameStateUpdate', 'partialPrices.values.*')).toEqual(['number'])
    expect(kinds('gameStateUpdate', 'gameHistory[].prices[]')).toEqual(['number'])
    expect(kinds('playerUpdate', 'crateKeys.*')).toEqual(['number'])
    expect(eventShape('gameStateUpdate')?.has('brandNew')).toBe(false)
  })

  it('is null where nothing is known', () => {
    expect(eventShape('chatHistory')).toBeNull()
    expect(eventShape('noSuchEvent')).toBeNull()
    expect(eventShape('__proto__')).toBeNull()
  })

  it('is made once', () => {
    expect(eventShape('playerUpdate')).toBe(eventShape('playerUpdate'))
  })
})

it('jsonKind tells what JSON.parse gave', () => {
  expect([null, true, 1, 'x', [], {}].map(jsonKind)).toEqual(['null', 'boolean', 'number', 'string', 'array', 'object'])
})
