import type { Decimal, Direction, Micros } from '@vectra/schemas'

/** What a template needs of a stored event: the columns of the store, under their names. A query row fits as it is. */
export interface StoredEvent {
  readonly ts: Micros
  readonly seq: number
  readonly session_id: string
  readonly game_id: string | null
  readonly direction: Direction
  readonly event_name: string
  readonly tick: number | null
  readonly price: Decimal | null
  readonly player_id: string | null
  readonly username: string | null
  readonly action: string | null
  readonly amount: Decimal | null
  readonly qty: Decimal | null
  readonly cash: Decimal | null
  readonly position_qty: Decimal | null
  readonly avg_cost: Decimal | null
  readonly pnl: Decimal | null
  readonly total_invested: Decimal | null
  readonly latency_us: number | null
  readonly success: boolean | null
  readonly issues: string | null
  readonly payload_index: number | null
  readonly raw_json: string | null
}

type Fields = Readonly<Record<string, unknown>>

/** The payload of an event; an empty object when there is none or it is no object. For texts only: its numbers are doubles. */
export function payloadOf({ raw_json, payload_index }: Pick<StoredEvent, 'raw_json' | 'payload_index'>): Fields {
  try {
    const parsed: unknown = JSON.parse(raw_json ?? 'null')
    const payload: unknown = payload_index === null ? parsed : (parsed as unknown[])[payload_index]
    return typeof payload === 'object' && payload !== null ? (payload as Fields) : {}
  } catch {
    return {}
  }
}
