import { Decoder, Encoder, type Packet, PacketType } from 'socket.io-parser'

/** Strings, to be passed over, or a number. */
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** The same JSON with every number as a string of its digits. */
export function quoteNumbers(json: string): string {
  return json.replace(STRING_OR_NUMBER, (found) => (found.startsWith('"') ? found : `"${found}"`))
}

/** Opens for the one synchronous call that means to send an order, and never for what socket.io kept back while offline. */
export const gate = { open: false }

/** The game's orders. Nothing else the page sends moves money. */
const ORDERS: ReadonlySet<unknown> = new Set(['buyOrder', 'sellOrder', 'requestSidebet'])

/** The page's side of Socket.IO: the game's numbers arrive as digits, and an order leaves only through the gate. */
class WireDecoder extends Decoder {
  override add(message: unknown): void {
    const ofGame = typeof message === 'string' && message.startsWith('2[') && !message.startsWith('2["vectra:')
    super.add(ofGame ? `2${quoteNumbers(message.slice(1))}` : message)
  }
}

class WireEncoder extends Encoder {
  override encode(packet: Packet): ReturnType<Encoder['encode']> {
    const held = packet.type === PacketType.EVENT && Array.isArray(packet.data) && ORDERS.has(packet.data[0]) && !gate.open
    return held ? [] : super.encode(packet)
  }
}

/** For the `parser` option of `socket.io-client`. */
export const wireParser = { Encoder: WireEncoder, Decoder: WireDecoder }
