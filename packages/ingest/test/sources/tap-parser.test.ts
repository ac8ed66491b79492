import { PacketType } from 'socket.io-parser'
import { describe, expect, it } from 'vitest'
import { listenOnlyParser } from '../../src/sources/tap-parser.ts'

function tapped(): {
  encode: (type: PacketType, data?: unknown, id?: number) => unknown[]
  add: (message: unknown) => void
  log: string[]
  decoded: unknown[]
} {
  const log: string[] = []
  const decoded: unknown[] = []
  const show = (message: string | Uint8Array): string =>
    typeof message === 'string' ? message : Buffer.from(message).toString('hex')
  const parser = listenOnlyParser({
    received: (message) => log.push(`< ${show(message)}`),
    sent: (message) => log.push(`> ${show(message)}`),
  })
  const encoder = new parser.Encoder()
  const decoder = new parser.Decoder()
  decoder.on('decoded', (packet) => decoded.push(packet.data))
  return {
    encode: (type, data, id) =>
      encoder.encode({ type, nsp: '/', ...(data !== undefined && { data }), ...(id !== undefined && { id }) }),
    add: (message) => decoder.add(message),
    log,
    decoded,
  }
}

describe('the listen-only parser', () => {
  it('can encode a connect and a disconnect, and nothing else', () => {
    const { encode, log } = tapped()
    expect(encode(PacketType.CONNECT)).toEqual(['0'])
    expect(encode(PacketType.DISCONNECT)).toEqual(['1'])
    for (const type of [
      PacketType.EVENT,
      PacketType.ACK,
      PacketType.CONNECT_ERROR,
      PacketType.BINARY_EVENT,
      PacketType.BINARY_ACK,
    ]) {
      expect(encode(type, ['buyOrder', { amount: 1, bytes: new Uint8Array([1]) }], 1)).toEqual([])
    }
    expect(log).toEqual(['> 0', '> 1'])
  })

  it('P3: shows text and bytes before anybody reads them, whatever form the bytes have', () => {
    const { add, log, decoded } = tapped()
    add('2["x",{"price": 1.10}]')
    add('52-["b",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')
    add(Buffer.from([1, 2]))
    add(new Uint8Array([0, 3, 4]).subarray(1).slice().buffer)
    expect(log).toEqual([
      '< 2["x",{"price": 1.10}]',
      '< 52-["b",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]',
      '< 0102',
      '< 0304',
    ])
    expect(decoded).toHaveLength(2)
  })

  it('swallows what the parser refuses, and reads on', () => {
    const { add, log, decoded } = tapped()
    const bad = [
      '',
      '9',
      '2',
      '2[',
      '2["connect"]',
      '5["x"]',
      '51-["x"]',
      '3',
      '4',
      '4"text"',
      '4{',
      '599999-[]',
      null,
      undefined,
      7,
    ]
    for (const message of bad) expect(() => add(message)).not.toThrow()
    add('2["good"]')
    expect(decoded).toContainEqual(['good'])
    expect(log).toHaveLength(bad.filter((message) => typeof message === 'string').length + 1)
  })

  it('hands on connect errors that have a message object, and keeps the others from the client', () => {
    const { add, decoded } = tapped()
    for (const message of ['4', '4"text"', '4[1]', '4/ns,"x"']) add(message)
    expect(decoded).toEqual([])
    add('4{"message":"no"}')
    add('4/ns,{"message":"no"}')
    expect(decoded).toEqual([{ message: 'no' }, { message: 'no' }])
  })
})
