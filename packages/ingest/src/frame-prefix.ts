import type { SchemaIssue } from '@vectra/schemas'

/** Socket.IO packet types, by their digit. */
export const SOCKET_TYPES = ['connect', 'disconnect', 'event', 'ack', 'connect_error', 'binary_event', 'binary_ack'] as const
export type SocketType = (typeof SOCKET_TYPES)[number]

/** What stands before the JSON of a Socket.IO frame. */
export interface FramePrefix {
  /** Characters before the JSON. */
  readonly length: number
  readonly socketType: SocketType | null
  readonly namespace: string
  readonly ackId: number | null
  readonly attachments: number
  readonly issue: SchemaIssue | null
}

const ZERO = 48
const NINE = 57

/**
 * Reads `4` type `[attachments-]` `[/namespace,]` `[ack id]`, without looking at the JSON.
 *
 * socket.io-parser reads the same grammar but gives neither the position of the JSON nor strict digits (it takes a blank for
 * one), so the split is made here and the parser decodes beside it.
 *
 * @param text a frame whose first character is `4`
 * @see domain/events.md section 2.2: parse the digits before `[`, do not search for the first `[`
 */
export function scanPrefix(text: string): FramePrefix {
  const socketType = SOCKET_TYPES[text.charCodeAt(1) - ZERO] ?? null
  if (socketType === null) {
    return {
      length: 1,
      socketType,
      namespace: '/',
      ackId: null,
      attachments: 0,
      issue: wrong('frame_packet_type', 'no Socket.IO packet type after 4'),
    }
  }
  let at = 2
  let attachments = 0
  let issue: SchemaIssue | null = null
  if (socketType === 'binary_event' || socketType === 'binary_ack') {
    const end = digitsEnd(text, at)
    if (end > at && text[end] === '-') {
      attachments = Number(text.slice(at, end))
      at = end + 1
    } else issue = wrong('frame_attachments', 'binary packet without a number of attachments')
  }
  let namespace = '/'
  if (text[at] === '/') {
    const comma = text.indexOf(',', at)
    namespace = text.slice(at, comma < 0 ? text.length : comma)
    at = comma < 0 ? text.length : comma + 1
  }
  const end = digitsEnd(text, at)
  let ackId: number | null = null
  if (end > at && socketType !== 'connect' && socketType !== 'disconnect' && socketType !== 'connect_error') {
    const id = Number(text.slice(at, end))
    if (Number.isSafeInteger(id)) ackId = id
    else issue = wrong('frame_ack_id', 'ack id is larger than 2^53')
    at = end
  }
  return { length: at, socketType, namespace, ackId, attachments, issue }
}

function digitsEnd(text: string, from: number): number {
  let at = from
  for (let code = text.charCodeAt(at); code >= ZERO && code <= NINE; code = text.charCodeAt(at)) at += 1
  return at
}

function wrong(code: string, message: string): SchemaIssue {
  return { path: '', code, message }
}
