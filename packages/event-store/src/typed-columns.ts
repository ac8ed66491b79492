import { type EventEnvelope, exactView, type Phase, phaseOf } from '@vectra/schemas'
import { COLUMNS, type ColumnName } from './columns.ts'
import { decimalColumn } from './decimal-column.ts'
import { ORDERS } from './projection.ts'

type Fields = Record<string, unknown>
/** Typed columns of one row; money as decimal text. A column that is absent is null. */
export type TypedColumns = Partial<Record<ColumnName, string | number | boolean>>

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

const SCALES: Partial<Record<ColumnName, { precision: number; scale: number }>> = Object.fromEntries(
  Object.entries(COLUMNS).flatMap(([name, type]) => {
    const match = /^DECIMAL\((\d+),(\d+)\)$/.exec(type)
    return match === null ? [] : [[name, { precision: Number(match[1]), scale: Number(match[2]) }]]
  }),
)

const INT32_MAX = 2 ** 31 - 1
const NUMERIC_TEXT = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** Collects the columns of one event and remembers which of them are not exactly what the frame says. */
class ColumnSet {
  readonly columns: TypedColumns = {}
  readonly inexact: string[] = []
  readonly #view: ReturnType<typeof exactView>

  constructor(event: EventEnvelope) {
    this.#view = exactView(event.raw_json, event.payload_index, event.payload)
  }

  text(column: ColumnName, value: unknown): void {
    if (typeof value === 'string') this.#text(column, value)
  }

  integer(column: ColumnName, value: unknown): void {
    if (typeof value !== 'number') return
    if (Number.isInteger(value) && Math.abs(value) <= INT32_MAX) this.columns[column] = value
    else this.inexact.push(column)
  }

  boolean(column: ColumnName, value: unknown): void {
    if (typeof value === 'boolean') this.columns[column] = value
  }

  /** Money and prices: the literal of the frame's own text, never the double. */
  decimal(column: ColumnName, value: unknown, path: readonly (string | number)[]): void {
    const literal =
      typeof value === 'number'
        ? this.#view.literal(path)
        : typeof value === 'string' && NUMERIC_TEXT.test(value)
          ? value
          : undefined
    const type = SCALES[column]
    if (literal === undefined || type === undefined) return
    const fitted = decimalColumn(literal, type.precision, type.scale)
    if (fitted.text !== null) this.columns[column] = fitted.text
    if (!fitted.exact) this.inexact.push(column)
  }

  #text(column: ColumnName, value: string): void {
    this.columns[column] = value.toWellFormed()
    if (!value.isWellFormed()) this.inexact.push(column)
  }
}

type Rule = (set: ColumnSet, payload: Fields, event: EventEnvelope) => void

const gameState: Rule = (set, state) => {
  const phase = phaseOf(state)
  if (phase !== undefined) set.columns.phase = phase
  set.integer('tick', state['tickCount'])
  set.decimal('price', state['price'], ['price'])
  set.integer('cooldown_ms', state['cooldownTimer'])
  set.boolean('active', state['active'])
  set.boolean('rugged', state['rugged'])
  set.integer('trade_count', state['tradeCount'])
}

const playerUpdate: Rule = (set, player) => {
  set.text('player_id', player['id'])
  set.decimal('cash', player['cash'], ['cash'])
  set.decimal('position_qty', player['positionQty'], ['positionQty'])
  set.decimal('avg_cost', player['avgCost'], ['avgCost'])
  set.decimal('pnl', player['cumulativePnL'], ['cumulativePnL'])
  set.decimal('total_invested', player['totalInvested'], ['totalInvested'])
}

const playerState: Rule = (set, payload) => {
  const entry = payload['leaderboardEntry']
  if (!isFields(entry)) return
  set.text('player_id', entry['id'])
  set.text('username', entry['username'])
  set.decimal('position_qty', entry['positionQty'], ['leaderboardEntry', 'positionQty'])
  set.decimal('avg_cost', entry['avgCost'], ['leaderboardEntry', 'avgCost'])
  set.decimal('pnl', entry['pnl'], ['leaderboardEntry', 'pnl'])
  set.decimal('total_invested', entry['totalInvested'], ['leaderboardEntry', 'totalInvested'])
}

const trade: Rule = (set, payload) => {
  set.text('action', payload['type'])
  set.decimal('amount', payload['amount'], ['amount'])
  set.decimal('qty', payload['qty'], ['qty'])
  set.decimal('price', payload['price'], ['price'])
  set.integer('tick', payload['tickIndex'])
}

const sidebet: Rule = (set, bet) => {
  set.columns.action = 'sidebet'
  set.decimal('amount', bet['betAmount'], ['betAmount'])
  set.decimal('price', bet['price'], ['price'])
  set.integer('tick', bet['startTick'] ?? bet['startedAtTick'] ?? bet['tickIndex'])
}

const sidebetResult: Rule = (set, bet) => {
  set.columns.action = 'sidebet_result'
  set.decimal('amount', bet['betAmount'], ['betAmount'])
  set.decimal('pnl', bet['profit'], ['profit'])
  set.decimal('price', bet['price'], ['price'])
  set.integer('tick', bet['tickIndex'])
}

const rank: Rule = (set, payload) => {
  set.boolean('success', payload['success'])
  const entry = payload['playerEntry']
  if (!isFields(entry)) return
  set.text('player_id', entry['playerId'])
  set.text('username', entry['username'])
  set.decimal('pnl', entry['pnl'], ['playerEntry', 'pnl'])
}

const username: Rule = (set, payload) => {
  set.text('player_id', payload['id'])
  set.text('username', payload['username'])
}

const order: Rule = (set, payload, event) => {
  set.columns.action = ORDERS.get(event.event_name) ?? event.event_name
  set.decimal('amount', payload['amount'], ['amount'])
}

/** A Map: event names come from the wire, and `constructor` is one. */
const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['gameStateUpdate', gameState],
  ['playerUpdate', playerUpdate],
  ['gameStatePlayerUpdate', playerState],
  ['usernameStatus', username],
  ['playerLeaderboardPosition', rank],
  ['standard/newTrade', trade],
  ['newTrade', trade],
  ['newSideBet', sidebet],
  ['currentSidebet', sidebet],
  ['currentSidebetResult', sidebetResult],
  ['buyOrder', order],
  ['sellOrder', order],
  ['requestSidebet', order],
])

/** Names that recorded-game files use where frames have others. */
const recordedTick: Rule = (set, payload) => {
  const phase = RECORDED_PHASES.get(String(payload['phase']))
  if (payload['rugged'] === true) set.columns.phase = 'rugged'
  else if (phase !== undefined) set.columns.phase = phase
  set.integer('tick', payload['tick'])
  set.decimal('price', payload['price'], ['price'])
  set.integer('cooldown_ms', payload['cooldown_timer'])
  set.boolean('active', payload['active'])
  set.boolean('rugged', payload['rugged'])
  set.integer('trade_count', payload['trade_count'])
}

/** @see domain/events.md section 9 */
const RECORDED_PHASES: ReadonlyMap<string, Phase> = new Map([
  ['UNKNOWN', 'cooldown'],
  ['PRESALE', 'presale'],
  ['GAME_ACTIVATION', 'active'],
  ['ACTIVE_GAMEPLAY', 'active'],
  ['RUG_EVENT_1', 'rugged'],
])

/**
 * The typed columns of one event, money and prices from the frame's own literals.
 *
 * A field that is missing or of another type leaves its column null: the frame is in `raw_json` whatever happens here.
 */
export function typedColumns(event: EventEnvelope): TypedColumns {
  const set = new ColumnSet(event)
  const payload = event.payload
  if (isFields(payload)) {
    if (event.doc_type === 'game_tick') {
      const rule = 'tickCount' in payload || 'cooldownTimer' in payload ? gameState : recordedTick
      rule(set, payload, event)
    } else if (event.doc_type === 'ws_event') {
      if (event.direction === 'received') {
        set.text('player_id', payload['playerId'])
        set.text('username', payload['username'])
      }
      RULES.get(event.event_name)?.(set, payload, event)
      if (event.event_name.startsWith('ack')) set.boolean('success', payload['success'])
    }
  }
  if (event.acked !== null) {
    set.columns.request_seq = event.acked.seq
    set.columns.latency_us = event.acked.latency_us
    const action = ORDERS.get(event.acked.event_name)
    if (action !== undefined) set.columns.action = action
  }
  if (set.columns.player_id === undefined) set.text('player_id', event._player_id)
  if (set.inexact.length > 0) set.columns.inexact = set.inexact.join(',')
  return set.columns
}
