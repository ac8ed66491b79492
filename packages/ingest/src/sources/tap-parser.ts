import { Decoder, Encoder, type Packet, PacketType } from 'socket.io-parser'
import { MAX_ATTACHMENTS } from '../frame.ts'

/** Sees the text (without the Engine.IO type digit) or bytes of every Socket.IO packet, exactly as sent or received. */
export interface Tap {
  received(message: string | Uint8Array): void
  sent(message: string | Uint8Array): void
}

/** A parser for `socket.io-client`'s `parser` option. */
export interface TapParser {
  readonly Encoder: new () => Encoder
  readonly Decoder: new () => Decoder
}

/**
 * A parser that shows every packet to `tap` first and lets an event leave only while the gate is open.
 *
 * - The client keeps events that were emitted while it was offline and sends them when it is back; neither `volatile` nor
 *   emptying its buffer on `connect` stops that. Here such a packet is encoded to nothing: the gate opens for the one
 *   synchronous call that means to send, and never for a flush.
 * - A packet that socket.io-parser refuses is swallowed after the tap has it; the stock client would drop the connection.
 *
 * @see research: the one public way to exact text in both directions that survives upgrades and reconnects
 * @see research/capture-ui-cli.md section 2: offline orders execute later
 */
export function gatedParser(tap: Tap, gate: { readonly open: boolean }): TapParser {
  class GatedEncoder extends Encoder {
    override encode(packet: Packet): string[] {
      const event = packet.type !== PacketType.CONNECT && packet.type !== PacketType.DISCONNECT
      if (event && !gate.open) return []
      const messages = super.encode(packet) as string[]
      for (const message of messages) tap.sent(message)
      return messages
    }
  }
  class TapDecoder extends Decoder {
    constructor() {
      super({ maxAttachments: MAX_ATTACHMENTS })
    }

    override add(message: unknown): void {
      if (typeof message === 'string') tap.received(message)
      else if (message instanceof ArrayBuffer) tap.received(new Uint8Array(message))
      else if (ArrayBuffer.isView(message)) tap.received(new Uint8Array(message.buffer, message.byteOffset, message.byteLength))
      // The client reads `data.message` of a connect error on a later tick, outside any try: such a packet must have one.
      if (typeof message === 'string' && message.startsWith('4') && !/^4(?:\/[^,]*,)?\{/.test(message)) return
      try {
        super.add(message)
      } catch {
        this.destroy()
      }
    }
  }
  return { Encoder: GatedEncoder, Decoder: TapDecoder }
}

/**
 * A listen-only parser: only CONNECT and DISCONNECT packets can be encoded. Whatever calls `emit`, nothing leaves
 * (unauthenticated clients that emit are blocked by the server).
 */
export function listenOnlyParser(tap: Tap): TapParser {
  return gatedParser(tap, { open: false })
}
