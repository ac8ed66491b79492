import fc from 'fast-check'
import { expect, it } from 'vitest'
import { queryWords } from '../../src/search/query-words.ts'
import { snippetOf } from '../../src/search/snippet.ts'

it('the window holds the most different words of the query', () => {
  const body = `${'filler '.repeat(80)}the rug price of a game ${'filler '.repeat(80)}`
  const { text, matches } = snippetOf(body, 'rug prices', 120)
  expect(text).toContain('rug price of a game')
  expect(text.startsWith('… ')).toBe(true)
  expect(text.endsWith(' …')).toBe(true)
  expect(matches.map(([start, end]) => text.slice(start, end))).toEqual(['rug', 'price'])
})

it('positions always lie inside the snippet, and mark words of the query', () => {
  const word = fc.constantFrom('rug', 'price', 'newTrade', 'x', 'Decimal', 'ßtraße', '🦀', '\n')
  fc.assert(
    fc.property(fc.array(word, { maxLength: 200 }), fc.integer({ min: 20, max: 200 }), (words, width) => {
      const { text, matches } = snippetOf(words.join(' '), 'rug trade', width)
      expect(text.length).toBeLessThanOrEqual(Math.max(width, 0) + 4)
      for (const [start, end] of matches) expect(['rug', 'newTrade']).toContain(text.slice(start, end))
    }),
  )
})

it.each([
  ['playerUpdate', 'names'],
  ['standard/newTrade game_id', 'names'],
  ['20251212-6114b2ff44ef4b71', 'names'],
  ['why use Decimal for prices', 'words'],
  ['what does gameStateUpdate carry', 'mixed'],
  ['price?', 'words'],
  ['e.g. this one', 'words'],
])('%s is a query of %s', (query, form) => expect(queryWords(query).form).toBe(form))
