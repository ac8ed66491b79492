/** Engine.IO and Socket.IO text ⇄ packet, event, arguments. No I/O, no clock; nothing in here throws. */
import type { SchemaIssue } from '@vectra/schemas'
import { decodePacket } from 'engine.io-parser'
import { Decoder, type Packet } from 'socket.io-parser'
import { type FramePrefix, type SocketType, scanPrefix } from './frame-prefix.ts'

/** Engine.IO packet types; `binary` is a WebSocket binary message or its `b…` text form, `unknown` is none of them. */
export type EngineType = 'open' | 'close' | 'ping' | 'pong' | 'message' | 'upgrade' | 'noop' | 'binary' | 'unknown'

/** One frame, told apart. `packet + rawJson` is its text, byte for byte, whatever the frame holds (P3). */
export interface DecodedFrame {
  /** Everything before the JSON: `42`, `4329`, `42/feed,`, `0`; `b` for a binary frame; empty when nothing was recognised. */
  readonly packet: string
  /** The rest, verbatim; base64 for a binary frame. */
  readonly rawJson: string
  readonly engineType: EngineType
  readonly socketType: SocketType | null
  /** `/` unless the frame names another. */
  readonly namespace: string
  readonly ackId: number | null
  /** Name of an event; else `ack`, `engine.ping`, `socket.connect`, `socket.attachment`, `engine.unknown`. Always well-formed. */
  readonly event: string
  /** Arguments of an event (without its name) or of an ack; null when the packet has none or they are unreadable. */
  readonly args: readonly unknown[] | null
  /** `JSON.parse` of `rawJson` for packets that carry one value (open, connect, connect error); else null. */
  readonly data: unknown
  /** Binary attachments announced by this frame; their placeholders stay in `args`. */
  readonly attachments: number
  /** What is wrong with the frame; null when nothing is. */
  readonly issues: readonly SchemaIssue[] | null
}

/** Most attachments of one packet that are followed; more is an issue, not an error. */
export const MAX_ATTACHMENTS = 64

/**
 * Decodes the frames of one connection in one direction.
 *
 * State is only the attachments that a binary packet still waits for, so each (connection, direction) needs its own.
 */
export class FrameDecoder {
  #decoder = this.#freshDecoder()
  #decoded: Packet | null = null
  #awaiting = 0

  /** Never throws: what is wrong stands in `issues`, and the frame's text is kept whole. */
  decode(frame: string | Uint8Array): DecodedFrame {
    const text = typeof frame === 'string' ? frame : `b${base64(frame)}`
    const issues: SchemaIssue[] = []
    if (!text.isWellFormed())
      issues.push(issue('frame_lone_surrogate', 'text holds half of a surrogate pair, which UTF-8 cannot store'))
    try {
      return this.#decode(text, issues)
    } catch (error) {
      this.#reset()
      issues.push(issue('frame_undecodable', `decoder failed: ${reasonOf(error)}`))
      return whole(text, issues)
    }
  }

  #decode(text: string, issues: SchemaIssue[]): DecodedFrame {
    const engine = decodePacket(text, 'nodebuffer')
    if (text.startsWith('b')) return this.#attachment(text, engine.data, issues)
    if (engine.type === 'message') return this.#message(text, scanPrefix(text), issues)
    if (engine.type === 'error') {
      issues.push(issue('frame_packet_type', text === '' ? 'empty frame' : 'first character is no Engine.IO packet type'))
      return whole(text, issues)
    }
    const rawJson = text.slice(1)
    const data = engine.type === 'open' ? parse(rawJson, issues) : null
    return {
      ...blank,
      packet: text.slice(0, 1),
      rawJson,
      engineType: engine.type,
      event: `engine.${engine.type}`,
      data: data ?? null,
      issues: orNull(issues),
    }
  }

  #attachment(text: string, bytes: unknown, issues: SchemaIssue[]): DecodedFrame {
    if (this.#awaiting === 0) issues.push(issue('frame_attachment_unexpected', 'binary frame without a packet that announced it'))
    else {
      this.#awaiting -= 1
      this.#feed(bytes)
    }
    return {
      ...blank,
      packet: 'b',
      rawJson: text.slice(1),
      engineType: 'binary',
      event: 'socket.attachment',
      issues: orNull(issues),
    }
  }

  #message(text: string, prefix: FramePrefix, issues: SchemaIssue[]): DecodedFrame {
    if (this.#awaiting > 0) {
      issues.push(
        issue('frame_attachment_missing', `text frame while ${this.#awaiting} attachment(s) of an earlier packet are missing`),
      )
      this.#reset()
    }
    const { socketType, namespace, ackId, attachments } = prefix
    const packet = text.slice(0, prefix.length)
    const rawJson = text.slice(prefix.length)
    if (prefix.issue) issues.push(prefix.issue)
    const { decoded, failure } = this.#feed(text.slice(1))
    let data: unknown = decoded?.data
    if (socketType === 'binary_event' || socketType === 'binary_ack') {
      if (failure === null) this.#awaiting = attachments
      data = parse(rawJson, issues)
    } else if (failure !== null) {
      data = parse(rawJson, issues)
    }
    const named = nameOf(socketType, data, rawJson)
    if (named.issue && issues.length === 0) issues.push(named.issue)
    if (failure !== null && issues.length === 0) issues.push(issue('frame_packet', failure))
    return {
      packet,
      rawJson,
      engineType: 'message',
      socketType,
      namespace,
      ackId,
      event: named.event,
      args: named.args,
      data: named.args === null ? (data ?? null) : null,
      attachments,
      issues: orNull(issues),
    }
  }

  /** Runs socket.io-parser on one message; a failure leaves a decoder that is ready for the next one. */
  #feed(message: unknown): { decoded: Packet | null; failure: string | null } {
    this.#decoded = null
    try {
      this.#decoder.add(message)
      return { decoded: this.#decoded, failure: null }
    } catch (error) {
      this.#reset()
      return { decoded: null, failure: reasonOf(error) }
    }
  }

  #reset(): void {
    this.#awaiting = 0
    this.#decoder.destroy()
    this.#decoder = this.#freshDecoder()
  }

  #freshDecoder(): Decoder {
    const decoder = new Decoder({ maxAttachments: MAX_ATTACHMENTS })
    decoder.on('decoded', (packet) => {
      this.#decoded = packet
    })
    return decoder
  }
}

/** Decodes one text frame that stands alone. For a stream of frames use {@link FrameDecoder}, which follows attachments. */
export function decodeFrame(frame: string | Uint8Array): DecodedFrame {
  return new FrameDecoder().decode(frame)
}

/** The frame's text again: the inverse of decoding, for every frame. */
export function frameText(frame: { readonly packet: string; readonly rawJson: string }): string {
  return frame.packet + frame.rawJson
}

/**
 * Text of an event frame from JSON texts, which are used verbatim.
 *
 * @param nameText the event's name as JSON text, with its quotes
 * @param argsText the arguments as JSON texts joined by commas; empty for none
 */
export function eventFrameText(nameText: string, argsText: string): string {
  return argsText === '' ? `42[${nameText}]` : `42[${nameText},${argsText}]`
}

const RESERVED = new Set(['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'])

const blank = {
  socketType: null,
  namespace: '/',
  ackId: null,
  args: null,
  data: null,
  attachments: 0,
} as const

function whole(text: string, issues: readonly SchemaIssue[]): DecodedFrame {
  return { ...blank, packet: '', rawJson: text, engineType: 'unknown', event: 'engine.unknown', issues }
}

interface Named {
  readonly event: string
  readonly args: readonly unknown[] | null
  readonly issue: SchemaIssue | null
}

function nameOf(type: SocketType | null, data: unknown, rawJson: string): Named {
  if (type === 'event' || type === 'binary_event') {
    if (rawJson === '') return { event: 'socket.event', args: null, issue: issue('frame_no_data', 'event packet without data') }
    if (!Array.isArray(data))
      return { event: 'socket.event', args: null, issue: issue('frame_not_array', 'event data is no JSON array') }
    const name: unknown = data[0]
    if (typeof name !== 'string' && typeof name !== 'number') {
      return { event: 'socket.event', args: data, issue: issue('frame_event_name', 'first element is neither text nor number') }
    }
    const reserved = typeof name === 'string' && RESERVED.has(name)
    return {
      event: String(name).toWellFormed(),
      args: data.slice(1),
      issue: reserved ? issue('frame_reserved_name', `"${name}" is reserved by Socket.IO and never an event`) : null,
    }
  }
  if (type === 'ack' || type === 'binary_ack') {
    if (Array.isArray(data)) return { event: 'ack', args: data, issue: null }
    return { event: 'ack', args: null, issue: issue('frame_not_array', 'ack data is no JSON array') }
  }
  return { event: type === null ? 'socket.unknown' : `socket.${type}`, args: null, issue: null }
}

function parse(text: string, issues: SchemaIssue[]): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    issues.push(issue('frame_json', reasonOf(error)))
    return undefined
  }
}

function issue(code: string, message: string): SchemaIssue {
  return { path: '', code, message }
}

function orNull(issues: readonly SchemaIssue[]): readonly SchemaIssue[] | null {
  return issues.length === 0 ? null : issues
}

/** Parser messages quote the input; keep them short, and storable. */
function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 200).toWellFormed()
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
