import { Decoder, Encoder, type Packet, PacketType, protocol } from 'socket.io-parser'
import { PreparedJson } from './prepared.ts'

/** Encodes events of prepared payloads by joining their texts: no second `JSON.stringify`, no search for binary in a 300 kB frame. */
class PreparedEncoder extends Encoder {
  override encode(packet: Packet): unknown[] {
    const data: unknown = packet.data
    if (packet.type !== PacketType.EVENT || !Array.isArray(data) || !data.some((part) => part instanceof PreparedJson))
      return super.encode(packet)
    const namespace = packet.nsp !== undefined && packet.nsp !== '/' ? `${packet.nsp},` : ''
    const parts = data.map((part) => (part instanceof PreparedJson ? part.text : JSON.stringify(part)))
    return [`${PacketType.EVENT}${namespace}${packet.id ?? ''}[${parts.join(',')}]`]
  }
}

/** The Socket.IO parser with that encoder; on the wire nothing differs. */
export const preparedParser = { protocol, PacketType, Encoder: PreparedEncoder, Decoder }
