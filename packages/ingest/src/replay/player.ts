import type { Clock } from '@vectra/schemas'
import type { ReplayControl } from './control.ts'
import { Pace, type Speed } from './pace.ts'
import { openRecords, type ReplayRecord, type ReplayRecords } from './records.ts'

/** Writes one Socket.IO message to one client; resolves when the next may be written. */
export type WriteMessage = (message: string | Uint8Array) => Promise<void>

/**
 * Plays the received events of a recording once or for ever.
 *
 * Only what a server emits by itself is played: events with their attachments. Handshakes, heartbeats and acks belong to the
 * recorded connection and are left out.
 *
 * @returns messages written
 */
export async function play(
  records: ReplayRecords,
  write: WriteMessage,
  options: {
    readonly clock: Clock
    readonly speed: Speed
    readonly control?: ReplayControl | undefined
    readonly loop: boolean
    readonly signal: AbortSignal
  },
): Promise<number> {
  const { clock, speed, control, loop, signal } = options
  let written = 0
  for (;;) {
    const pace = new Pace(clock, speed, control)
    const before = written
    let attachments = false
    for await (const record of openRecords(records)) {
      const message = messageOf(record, attachments)
      if (message === null) continue
      attachments = typeof message !== 'string' || message.startsWith('5')
      await pace.due(record.at, signal)
      if (signal.aborted) return written
      await write(message)
      written += 1
    }
    if (!loop || signal.aborted || written === before) return written
  }
}

/** The Socket.IO message (frame without the Engine.IO digit) to emit for a record; null when it is not emitted. */
function messageOf(record: ReplayRecord, attachments: boolean): string | Uint8Array | null {
  if (record.direction !== 'received') return null
  const { text } = record
  if (typeof text !== 'string') return attachments ? text : null
  if (text.startsWith('42') || text.startsWith('45')) return text.slice(1)
  return attachments && text.startsWith('b') ? Buffer.from(text.slice(1), 'base64') : null
}
