import type { EventEnvelope, Micros, SchemaIssue } from '@vectra/schemas'
import { AckTable, type Answered } from './ack-table.ts'
import { FeedSequence } from './feed-sequence.ts'
import { type DecodedFrame, FrameDecoder } from './frame.ts'
import { type Gap, GapTracker } from './gap.ts'
import { isOwn, playerIn } from './identity.ts'
import type { ConnectionStatus, ImportedRecord, RawFrame, Source, SourceItem } from './source.ts'
import { type Stamp, unframed } from './stamp.ts'
import { type Checked, checkAck, checkEvent } from './validate.ts'
import { Backfill, type SeedPath } from './watch/backfill.ts'
import { Drift } from './watch/drift.ts'
import { Milestones } from './watch/milestones.ts'
import { NOTHING, type Noted, type Watcher } from './watch/watcher.ts'

/** What is known about one socket. */
interface Connection {
  readonly decoders: { readonly received: FrameDecoder; readonly sent: FrameDecoder }
  readonly acks: AckTable
  /** The game of the last state frame. */
  gameId: string | null
  /** Id of the player who is logged in; null before the server says so, and on the public feed. */
  player: string | null
  /** Connection state recovery is on: the server appends an offset to every event. */
  recoveryOffset: boolean
}

/** An envelope and what it means for the sheet. */
export interface Translated {
  readonly envelope: EventEnvelope
  /** `input` arrived from the source; `system` was made here. */
  readonly counts: 'input' | 'system'
}

/** What a {@link Translator} tells and asks. */
export interface TranslatorOptions {
  /** Every gap, as it is noted. */
  readonly onGap?: (gap: Gap) => void
  /** Prices of a game from its revealed seed. Default none: such ticks stay missing. */
  readonly seedPath?: SeedPath | null
}

/**
 * Turns what a source yields into stamped envelopes: decode, tie acks, find the game, validate, note gaps.
 *
 * Synchronous and deterministic: the same items give the same envelopes, which is what lets an import resume.
 */
export class Translator {
  readonly #stamp: Stamp
  readonly #gaps: GapTracker
  /** Null for imports: a capture is stored as it is, and may be a selection. */
  readonly #sequence: FeedSequence | null
  readonly #backfill: Backfill | null
  /** Others that note what follows from an event. */
  readonly #watchers: readonly Watcher[]
  /** The game of the last state frame, on any connection. */
  #gameId: string | null = null
  readonly #connections = new Map<string, Connection>()
  readonly #onGap: (gap: Gap) => void

  constructor(source: Source, stamp: Stamp, options: TranslatorOptions = {}) {
    const live = source.origin === null
    this.#stamp = stamp
    this.#gaps = new GapTracker(source.name)
    this.#sequence = live ? new FeedSequence(source.name) : null
    this.#backfill = live ? new Backfill(options.seedPath) : null
    this.#watchers = live ? [new Milestones(), new Drift()] : []
    this.#onGap = options.onGap ?? (() => {})
  }

  /** Envelopes of one item, in order. */
  translate(item: SourceItem): Translated[] {
    switch (item.kind) {
      case 'frame':
        return this.#frame(item.frame)
      case 'status':
        return this.#status(item.status, item.at)
      case 'record':
        return this.#record(item.record)
      case 'broken': {
        const { file, line, reason, excerpt } = item.broken
        const payload = {
          code: 'IMPORT_LINE_BROKEN',
          message: `${file}:${line}: ${reason}`,
          details: { file, line, reason, excerpt },
        }
        return [this.system('error', item.at, payload)]
      }
      case 'duplicate':
        return []
      case 'gap':
        return [this.gap(item.gap)]
      case 'note':
        return [this.system(item.name, item.at, item.payload)]
    }
  }

  /** A system event of this recording. */
  system(kind: string, at: Micros, payload: object, gameId: string | null = null): Translated {
    return { envelope: this.#stamp.system(kind, at, gameId, payload), counts: 'system' }
  }

  /** A gap noticed outside the source, e.g. a sink that had no room. */
  gap(gap: Gap): Translated {
    this.#onGap(gap)
    return this.system('gap', gap.to, gap, gap.gameId ?? null)
  }

  /** Closes what is open at the end of the recording. */
  end(at: Micros): Translated[] {
    const gap = this.#gaps.end(at)
    return gap ? [this.#ofGame(gap)] : []
  }

  #frame(frame: RawFrame): Translated[] {
    const connection = this.#connection(frame.connection)
    const decoded = connection.decoders[frame.direction].decode(frame.text)
    const out: Translated[] = []
    if (frame.direction === 'received' && carriesData(decoded)) {
      const gap = this.#gaps.onFrame(frame.at, frame.connection)
      if (gap) out.push(this.#ofGame(gap))
    }
    const envelope = this.#envelope(frame, decoded, connection)
    out.push(...this.#withIssues(envelope))
    const given = this.#backfill?.onEvent(envelope) ?? NOTHING
    const jump = this.#sequence?.onFrame(envelope)
    if (jump) out.push(this.gap(this.#recovered(jump)))
    for (const noted of given) out.push(this.#noted(noted, frame.at))
    for (const watcher of this.#watchers) {
      for (const noted of watcher.onEvent(envelope, frame.connection)) out.push(this.#noted(noted, frame.at))
    }
    return out
  }

  /** A gap of a connection, with the game that was on when it began. */
  #ofGame(gap: Gap): Translated {
    return this.gap(this.#gameId === null ? gap : { ...gap, gameId: this.#gameId })
  }

  /** A jump whose missing ticks all have a price by now: the window of the frame behind it told them. */
  #recovered(jump: Gap): Gap {
    const { gameId, from_tick: from, to_tick: to, est_missing: missing } = jump
    if (gameId === undefined || from === undefined || to === undefined || missing !== to - from + 1) return jump
    return this.#backfill?.knows(gameId, from, to) ? { ...jump, recovered_by: 'partialPrices' } : jump
  }

  #noted(noted: Noted, at: Micros): Translated {
    if (noted.kind === 'system') return this.system(noted.name, at, noted.payload, noted.gameId)
    const { gameId, text, origin } = noted
    const event = { ...unframed, _ts: at, _game_id: gameId, doc_type: 'game_tick', event_name: 'tick', raw_json: text } as const
    return { envelope: this.#stamp.event({ ...event, payload: JSON.parse(text) }, origin), counts: 'system' }
  }

  /** A row that arrived; what is wrong with it follows as a row of its own. */
  #withIssues(envelope: EventEnvelope): Translated[] {
    const row: Translated = { envelope, counts: 'input' }
    if (!envelope.issues) return [row]
    const payload = { seq: envelope._seq, event: envelope.event_name, issues: envelope.issues }
    return [row, this.system('schema_issue', envelope._ts, payload, envelope._game_id)]
  }

  #envelope(frame: RawFrame, decoded: DecodedFrame, connection: Connection): EventEnvelope {
    const { checked, name, answered } = this.#check(frame, decoded, connection)
    if (checked?.stateOfGame) {
      connection.gameId = checked.stateOfGame
      this.#gameId = checked.stateOfGame
    }
    if (frame.direction === 'received') connection.player = playerIn(name, checked?.payload) ?? connection.player
    return this.#stamp.event({
      _ts: frame.at,
      _game_id: checked?.gameId ?? connection.gameId,
      ...(connection.player && isOwn(name, frame.direction) && { _player_id: connection.player }),
      doc_type: 'ws_event',
      direction: frame.direction,
      event_name: name,
      ack_id: decoded.ackId,
      trace_id: checked?.traceId ?? answered?.traceId ?? null,
      packet: decoded.packet,
      raw_json: decoded.rawJson,
      payload_index: checked?.payloadIndex ?? null,
      payload: checked ? checked.payload : decoded.data,
      issues: together(decoded.issues, checked?.issues ?? null),
      acked: answered?.acked ?? null,
    })
  }

  #check(
    frame: RawFrame,
    decoded: DecodedFrame,
    connection: Connection,
  ): { checked: Checked | null; name: string; answered: Answered | null } {
    const { socketType, namespace, ackId, args, event } = decoded
    if (socketType === 'connect') connection.recoveryOffset ||= hasPid(decoded.data)
    if (socketType === 'ack' || socketType === 'binary_ack') {
      const answered = ackId === null ? null : connection.acks.answer(frame.direction, namespace, ackId, frame.at)
      const request = answered?.acked.event_name ?? null
      return { checked: args && checkAck(request, args), name: request === null ? 'ack' : `ack:${request}`, answered }
    }
    if (socketType !== 'event' && socketType !== 'binary_event') return { checked: null, name: event, answered: null }
    const options = { recoveryOffset: connection.recoveryOffset && frame.direction === 'received' }
    const checked = args && checkEvent(event, args, options)
    if (ackId !== null) {
      const { at, direction } = frame
      connection.acks.request(direction, namespace, ackId, {
        seq: this.#stamp.seq + 1,
        event,
        at,
        traceId: checked?.traceId ?? null,
      })
    }
    return { checked, name: event, answered: null }
  }

  #record(record: ImportedRecord): Translated[] {
    const gap = record.status ? this.#noteStatus(record.status, record.at) : null
    const envelope = this.#stamp.event({
      ...unframed,
      _ts: record.at,
      _game_id: record.gameId,
      doc_type: record.docType,
      event_name: record.eventName,
      trace_id: record.traceId ?? null,
      raw_json: record.text,
      payload: record.payload,
      issues: record.issues ?? null,
    })
    const rows = this.#withIssues(envelope)
    return gap ? [...rows, this.#ofGame(gap)] : rows
  }

  #noteStatus(status: ConnectionStatus, at: Micros): Gap | null {
    if (!('covered' in status && status.covered)) this.#sequence?.reset()
    const ended = status.kind === 'disconnect' || status.kind === 'stale' || status.kind === 'connect_error'
    if (ended && !('covered' in status && status.covered)) this.#connections.delete(status.connection)
    return this.#gaps.onStatus(status, at)
  }

  #status(status: ConnectionStatus, at: Micros): Translated[] {
    const { kind, details, ...rest } = status
    const gap = this.#noteStatus(status, at)
    const rows = kind === 'overflow' ? [] : [this.system(kind, at, { ...rest, ...details })]
    return gap ? [...rows, this.#ofGame(gap)] : rows
  }

  #connection(id: string): Connection {
    const known = this.#connections.get(id)
    if (known) return known
    const fresh: Connection = {
      decoders: { received: new FrameDecoder(), sent: new FrameDecoder() },
      acks: new AckTable(),
      gameId: null,
      player: null,
      recoveryOffset: false,
    }
    this.#connections.set(id, fresh)
    return fresh
  }
}

/** Heartbeats and handshakes say nothing about the feed. */
function carriesData(frame: DecodedFrame): boolean {
  if (frame.engineType === 'binary') return true
  return frame.engineType === 'message' && frame.socketType !== 'connect' && frame.socketType !== 'disconnect'
}

function hasPid(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'pid' in data && typeof data.pid === 'string'
}

function together(a: readonly SchemaIssue[] | null, b: readonly SchemaIssue[] | null): readonly SchemaIssue[] | null {
  if (a === null || b === null) return a ?? b
  return [...a, ...b]
}
