import { type ExactJson, parseExact } from '@vectra/schemas'
import { expect, it } from 'vitest'
import { openFinishedGames } from '../../src/gateway/finished-games.ts'

/** A history entry that counts how often its seed is asked for. */
function entry(gameId: string): { readonly value: ExactJson; looks: () => number } {
  const value = parseExact(`{"id":"${gameId}","peakMultiplier":1.5,"prices":[1,1.5,0.02],"provablyFair":{}}`)
  if (!(value instanceof Map)) throw new TypeError('not an object')
  const get = value.get.bind(value)
  let looks = 0
  return {
    value: Object.assign(value, {
      get(name: string) {
        if (name === 'provablyFair') looks += 1
        return get(name)
      },
    }),
    looks: () => looks,
  }
}

it('tells each finished round once, oldest first, and looks into it once however often frames repeat it', () => {
  const games = openFinishedGames()
  const [older, newer] = [entry('20251212-aa'), entry('20251212-bb')]
  const history = [newer.value, older.value]
  expect(games.add(history).map(({ gameId }) => gameId)).toEqual(['20251212-aa', '20251212-bb'])
  for (let frame = 0; frame < 5; frame += 1) expect(games.add(history)).toEqual([])
  expect([older.looks(), newer.looks()]).toEqual([1, 1])
  expect(games.all.map(({ gameId, rugTick, peak }) => [gameId, rugTick, peak])).toEqual([
    ['20251212-bb', 2, '1.5'],
    ['20251212-aa', 2, '1.5'],
  ])
})
