import { DIRECTIONS, DOC_TYPES, type DocType, type EventEnvelope, type Projection, SOURCES } from '@vectra/schemas'
import type { ColumnName } from './columns.ts'
import { utcDate } from './paths.ts'
import { projectionOf } from './projection.ts'
import { typedColumns } from './typed-columns.ts'

/** An event as one journal line holds it: all columns (absent means null), and where its rows go. */
export type JournalRow = {
  /** Doc type of the canonical row. */
  readonly doc: DocType
  /** UTC receive date. */
  readonly date: string
  /** Doc type of the second, narrow row. */
  readonly proj?: NonNullable<Projection>
} & { readonly [column in ColumnName]?: string | number | boolean } & {
  /** Microseconds; becomes a TIMESTAMP in the part. */
  readonly ts: number
  readonly seq: number
}

/** @throws TypeError when a caller passes what is no envelope; bad frames are not bad envelopes */
export function assertEnvelope(event: EventEnvelope): void {
  const problem =
    !Number.isSafeInteger(event._seq) || event._seq < 1
      ? `_seq ${String(event._seq)} is no positive integer`
      : !Number.isSafeInteger(event._ts) || event._ts < 0
        ? `_ts ${String(event._ts)} is no time in microseconds`
        : typeof event._session_id !== 'string'
          ? '_session_id is no string'
          : typeof event.raw_json !== 'string' || typeof event.packet !== 'string'
            ? 'raw_json and packet must be strings'
            : typeof event.event_name !== 'string'
              ? 'event_name is no string'
              : !DOC_TYPES.includes(event.doc_type)
                ? `doc_type ${String(event.doc_type)} is unknown`
                : !SOURCES.includes(event._source)
                  ? `_source ${String(event._source)} is unknown`
                  : DIRECTIONS.includes(event.direction)
                    ? undefined
                    : `direction ${String(event.direction)} is unknown`
  if (problem !== undefined) throw new TypeError(`no event envelope: ${problem}`)
}

/** A row in two pieces, so that its long text is escaped once, as bytes. */
export interface RowPieces {
  /** All columns but `raw_json`. */
  readonly columns: JournalRow
  readonly rawJson: string
}

/**
 * Envelope to row. The frame's text goes in as it is (`packet` + `raw_json`); typed columns are read beside it.
 *
 * Text that is no valid Unicode (a lone surrogate, which no UTF-8 frame can carry) is stored with U+FFFD and named in `inexact`.
 */
export function encodePieces(event: EventEnvelope): RowPieces {
  const row: Record<string, string | number | boolean> = { doc: event.doc_type, date: utcDate(event._ts) }
  const projection = projectionOf(event)
  if (projection !== null) row['proj'] = projection
  row['ts'] = event._ts
  row['seq'] = event._seq
  row['source'] = event._source
  row['session_id'] = event._session_id
  const bad: string[] = []
  const text = (column: ColumnName, value: string | null): void => {
    if (value === null) return
    if (value.isWellFormed()) row[column] = value
    else {
      row[column] = value.toWellFormed()
      bad.push(column)
    }
  }
  text('game_id', event._game_id)
  row['direction'] = event.direction
  text('event_name', event.event_name)
  if (event.ack_id !== null) row['ack_id'] = event.ack_id
  text('trace_id', event.trace_id)
  text('origin', event.origin)
  Object.assign(row, typedColumns(event))
  if (event.issues !== null) text('issues', JSON.stringify(event.issues))
  if (event.payload_index !== null) row['payload_index'] = event.payload_index
  text('packet', event.packet)
  let rawJson = event.raw_json
  if (!rawJson.isWellFormed()) {
    rawJson = rawJson.toWellFormed()
    bad.push('raw_json')
  }
  if (bad.length > 0) row['inexact'] = [...(typeof row['inexact'] === 'string' ? [row['inexact']] : []), ...bad].join(',')
  return { columns: row as unknown as JournalRow, rawJson }
}

/** Envelope to row, in one piece. */
export function encodeRow(event: EventEnvelope): JournalRow {
  const { columns, rawJson } = encodePieces(event)
  return { ...columns, raw_json: rawJson }
}
