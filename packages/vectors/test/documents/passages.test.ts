import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cleanText } from '../../src/documents/clean.ts'
import { entriesOf } from '../../src/documents/entry.ts'
import { identifierWords, isIdentifier, splitIdentifier } from '../../src/documents/identifiers.ts'
import { estimateTokens, splitPassages } from '../../src/documents/passages.ts'
import { codeDocument } from '../memory-source.ts'

it('passages keep to the limit and lose nothing but white space', () => {
  const text = fc.array(
    fc.constantFrom('word ', 'identifierOfSomeLength ', 'a1b2c3d4e5f6 ', 'End. ', '\n', '\n\n', '漢', '🦀 ', '| x |'),
    { maxLength: 400 },
  )
  fc.assert(
    fc.property(text, fc.integer({ min: 10, max: 60 }), (parts, limit) => {
      const whole = parts.join('')
      const passages = splitPassages(whole, limit)
      for (const passage of passages) expect(estimateTokens(passage)).toBeLessThanOrEqual(limit * 1.7)
      expect(passages.join('').replace(/\s/g, '')).toBe(whole.replace(/\s/g, ''))
    }),
  )
})

it('a short text is one passage, as it is', () => {
  expect(splitPassages('One. Two.\n\nThree.')).toEqual(['One. Two.\n\nThree.'])
  expect(splitPassages('  \n ')).toEqual([])
})

it('a long document becomes several rows with ids of their own, each under the same headings', () => {
  const body = Array.from({ length: 60 }, (_, at) => `Sentence number ${at} speaks about compaction of parts.`).join(' ')
  const entries = entriesOf('code_context', 'file', codeDocument('long', body))
  expect(entries.length).toBeGreaterThan(2)
  expect(entries.map((entry) => entry.id).slice(0, 3)).toEqual(['file#long', 'file#long~2', 'file#long~3'])
  for (const entry of entries) {
    expect(entry.embedText.startsWith('src/CONTEXT.md - long\n')).toBe(true)
    expect(estimateTokens(entry.embedText)).toBeLessThanOrEqual(210)
  }
  expect(entries.map((entry) => entry.body).join(' ')).toBe(body)
})

it('a hash changes with every column, and with nothing else', () => {
  const hash = (more: Parameters<typeof codeDocument>[2]) =>
    entriesOf('code_context', 's', codeDocument('a', 'text', more))[0]?.hash
  expect(hash({})).toBe(hash({}))
  expect(
    new Set([hash({}), hash({ line: 2 }), hash({ path: 'x' }), hash({ verdict: 'stale' }), hash({ body: 'text.' })]).size,
  ).toBe(5)
})

it.each([
  ['playerUpdate', true],
  ['game_id', true],
  ['standard/newTrade', true],
  ['events.lance', true],
  ['RUGS_DATA_DIR', true],
  ['`openQuery`', true],
  ['Decimal', false],
  ['price', false],
  ['well-known', false],
  ['', false],
])('%s is a name: %s', (word, expected) => expect(isIdentifier(word)).toBe(expected))

it('names are split into their words for BM25', () => {
  expect(splitIdentifier('standard/newTrade')).toEqual(['standard', 'new', 'trade'])
  expect(splitIdentifier('JSONSchema_v2')).toEqual(['json', 'schema', 'v2'])
  expect(identifierWords('the gameStateUpdate of a player in src/frame.ts')).toEqual([
    'game',
    'state',
    'update',
    'src',
    'frame',
    'ts',
  ])
})

it('control characters, overrides and zero-width characters are no text', () => {
  expect(cleanText('a\u0000b\u001b[31mc\u202ed\u200be\r\nf\tg\ud800')).toBe('ab[31mcde\nf\tg\ufffd')
})
