import fc from 'fast-check'
import { expect, it } from 'vitest'
import { gate, quoteNumbers, wireParser } from '../../src/web/feed/wire-parser.ts'

it('every number becomes the string of its digits, and nothing else changes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const asText = (node: unknown): unknown => {
        if (typeof node === 'number') return JSON.stringify(node)
        if (Array.isArray(node)) return node.map(asText)
        if (typeof node === 'object' && node !== null)
          return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, asText(item)]))
        return node
      }
      expect(JSON.parse(quoteNumbers(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(asText(value))))
    }),
  )
})

it.each(['0.10', '1.0', '7.6432e-05', '-0', '123456789012345678901234567890'])('keeps the digits of %s', (digits) => {
  expect(JSON.parse(quoteNumbers(`{"cash":${digits},"s":"${digits} \\" ${digits}"}`))).toEqual({
    cash: digits,
    s: `${digits} " ${digits}`,
  })
})

it('the decoder hands over digits for the game’s events, and our own events as they are', () => {
  const decoder = new wireParser.Decoder()
  const seen: unknown[] = []
  decoder.on('decoded', (packet: { data?: unknown }) => seen.push(packet.data))
  decoder.add('2["playerUpdate",{"cash":0.10}]')
  decoder.add('2["vectra:clock",{"now":1.5}]')
  decoder.add('31[{"success":true,"n":2}]')
  expect(seen).toEqual([['playerUpdate', { cash: '0.10' }], ['vectra:clock', { now: 1.5 }], [{ success: true, n: 2 }]])
})

it('P12: an order is encoded only while the gate is open', () => {
  const encoder = new wireParser.Encoder()
  const packet = { type: 2, nsp: '/', data: ['buyOrder', {}, { amount: '0.1' }] }
  expect(encoder.encode(packet as never)).toEqual([])
  gate.open = true
  expect(encoder.encode(packet as never)).toEqual(['2["buyOrder",{},{"amount":"0.1"}]'])
  gate.open = false
  expect(encoder.encode({ ...packet, data: ['vectra:clock'] } as never)).toEqual(['2["vectra:clock"]'])
})
