import type { Decimal } from '@vectra/schemas'
import type { EventDocument, EventKind } from './document.ts'
import { payloadOf, type StoredEvent } from './stored-event.ts'
import { count, multiple, sol, span, when } from './words.ts'

/** Which events of other people are worth a document. One's own always are. */
export interface EventChoice {
  /** Player ids of the user. */
  readonly own: ReadonlySet<string>
  /** Trades of at least so many SOL. */
  readonly tradeSol: Decimal
  /** Sidebets of at least so many SOL. */
  readonly sidebetSol: Decimal
}

/** Events that {@link eventDocument} may make a document of; others need not be read. Every tick is never one. */
export const DOCUMENTED_EVENTS: readonly string[] = [
  'standard/newTrade',
  'newTrade',
  'newSideBet',
  'currentSidebet',
  'currentSidebetResult',
  'playerUpdate',
  'buyOrder',
  'sellOrder',
  'requestSidebet',
  'ack:buyOrder',
  'ack:sellOrder',
  'ack:requestSidebet',
  'goldenHourDrawing',
  'maintenanceUpdate',
  'gameNotification',
  'gap',
  'schema_issue',
  'error',
  'connect_error',
  'disconnect',
  'auth_success',
]

interface Text {
  readonly kind: EventKind
  readonly title: string
  readonly body: string
}
type Template = (event: StoredEvent, choice: EventChoice) => Text | undefined

const name = (event: StoredEvent): string => event.username ?? event.player_id ?? 'a player without a name'
const at = (event: StoredEvent): string => (event.tick === null ? '' : ` at tick ${event.tick}`)
const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')

const VERBS: ReadonlyMap<string, string> = new Map([
  ['buy', 'bought'],
  ['sell', 'sold'],
  ['short_open', 'opened a short'],
  ['short_close', 'closed a short'],
])

const isOwn = (event: StoredEvent, choice: EventChoice): boolean => event.player_id !== null && choice.own.has(event.player_id)
const isPractice = (event: StoredEvent): boolean => {
  const payload = payloadOf(event)
  return payload['coin'] === 'free' || payload['coinAddress'] === '0xPractice'
}

const trade: Template = (event, choice) => {
  const own = isOwn(event, choice)
  if (!own && (event.amount === null || event.amount.lt(choice.tradeSol) || isPractice(event))) return undefined
  const verb = VERBS.get(event.action ?? '') ?? event.action ?? 'traded'
  const leverage = payloadOf(event)['leverage']
  const tokens = event.qty === null || event.qty.isZero() ? '' : ` for ${event.qty.toFixed()} tokens`
  return {
    kind: 'trade',
    title: `${own ? 'own trade' : 'large trade'}: ${event.action ?? 'trade'} of ${sol(event.amount)}`,
    body: `${own ? 'Own trade: ' : ''}${name(event)} ${verb}${tokens}: ${sol(event.amount)} at ${multiple(event.price)}${at(event)}${
      typeof leverage === 'number' && leverage > 1 ? `, leverage ${leverage}` : ''
    }.`,
  }
}

const sidebet: Template = (event, choice) => {
  const own = isOwn(event, choice) || event.event_name === 'currentSidebet'
  if (!own && (event.amount === null || event.amount.lt(choice.sidebetSol) || isPractice(event))) return undefined
  const end = payloadOf(event)['endTick'] ?? payloadOf(event)['end']
  return {
    kind: 'sidebet',
    title: `${own ? 'own sidebet' : 'large sidebet'} of ${sol(event.amount)}`,
    body: `${own ? 'Own sidebet: ' : ''}${name(event)} bet ${sol(event.amount)} that the game rugs${at(event) === '' ? '' : ` after tick ${event.tick}`}${
      typeof end === 'number' ? ` and up to tick ${end}` : ''
    }.`,
  }
}

const sidebetResult: Template = (event) => {
  const won = event.pnl?.gt(0)
  return {
    kind: 'sidebet',
    title: `own sidebet ${won ? 'won' : 'lost'}`,
    body: `Own sidebet of ${sol(event.amount)} ${won ? 'won' : 'lost'}${at(event)}: profit ${sol(event.pnl)}.`,
  }
}

const playerUpdate: Template = (event) => {
  const part = (label: string, value: string | undefined): string => (value === undefined ? '' : `, ${label} ${value}`)
  const held = event.position_qty?.gt(0)
  return {
    kind: 'player_state',
    title: `own balance ${sol(event.cash)}`,
    body: `Balance update of the player: cash ${sol(event.cash)}${
      held
        ? `, position ${event.position_qty?.toFixed()} tokens${part('average cost', multiple(event.avg_cost))}`
        : ', no open position'
    }${part('profit and loss so far', event.pnl === null ? undefined : sol(event.pnl))}${part('invested', event.total_invested === null ? undefined : sol(event.total_invested))}.`,
  }
}

const order: Template = (event) => ({
  kind: 'order',
  title: `${event.event_name} sent`,
  body: `The player asked to ${event.action ?? event.event_name}: ${event.event_name}${event.amount === null ? '' : ` of ${sol(event.amount)}`}.`,
})

const ack: Template = (event) => {
  const request = event.event_name.slice('ack:'.length)
  const fate = event.success === true ? 'accepted' : event.success === false ? 'refused' : 'answered'
  const reason = text(payloadOf(event)['error'] ?? payloadOf(event)['message'] ?? payloadOf(event)['reason'])
  return {
    kind: 'order',
    title: `${request} ${fate}`,
    body: `The server ${fate} ${request}${event.latency_us === null ? '' : ` after ${span(event.latency_us)}`}${reason === '' ? '' : `: ${reason}`}.`,
  }
}

const drawing: Template = (event) => {
  const payload = payloadOf(event)
  const entries = Array.isArray(payload['entries']) ? payload['entries'].length : 0
  return {
    kind: 'system',
    title: 'golden hour drawing',
    body: `Golden hour draw: ${text(payload['winnerPlayerId'])} won a prize among ${count(entries, 'entrant')}.`,
  }
}

const announcement: Template = (event) => {
  const message = text(payloadOf(event)['message'])
  return message === '' ? undefined : { kind: 'system', title: event.event_name, body: `The server announced: ${message}` }
}

const gap: Template = (event) => {
  const payload = payloadOf(event)
  const [from, to] = [payload['from'], payload['to']]
  const missing = payload['est_missing']
  const recovered = text(payload['recovered_by'])
  const long =
    typeof from === 'number' && typeof to === 'number' ? ` for ${span(to - from)}, from ${when(from)} to ${when(to)}` : ''
  return {
    kind: 'gap',
    title: `gap: ${text(payload['cause']) || 'unknown cause'}`,
    body: `Gap in the recording${long}: frames were missed because of ${text(payload['cause']) || 'an unknown cause'}. ${
      typeof missing === 'number' ? `About ${count(missing, 'frame')} missing.` : 'How many frames are missing is not known.'
    }${recovered === '' ? '' : ` Recovered by ${recovered}.`}`,
  }
}

const schemaIssue: Template = (event) => {
  const payload = payloadOf(event)
  const issues = Array.isArray(payload['issues']) ? (payload['issues'] as Record<string, unknown>[]) : []
  const lines = issues
    .slice(0, 8)
    .map((issue) => `${text(issue['path']) || 'the payload'}: ${text(issue['message'])} (${text(issue['code'])})`)
  return {
    kind: 'schema_issue',
    title: `schema drift in ${text(payload['event']) || 'an event'}`,
    body: `Schema drift: a frame of ${text(payload['event']) || 'an event'} (seq ${text(payload['seq'])}) does not match its schema.\n${lines.join('\n')}`,
  }
}

const system: Template = (event) => {
  const payload = payloadOf(event)
  const facts = ['code', 'message', 'reason', 'transport', 'attempt', 'username', 'playerId'].flatMap((key) => {
    const value = text(payload[key])
    return value === '' ? [] : [`${key} ${value}`]
  })
  const label = event.event_name.replaceAll('_', ' ')
  return { kind: 'system', title: label, body: `${label} of the recorder${facts.length === 0 ? '' : `: ${facts.join(', ')}`}.` }
}

/** A Map: event names come from the wire, and `constructor` is one. */
const TEMPLATES: ReadonlyMap<string, Template> = new Map<string, Template>([
  ['standard/newTrade', trade],
  ['newTrade', trade],
  ['newSideBet', sidebet],
  ['currentSidebet', sidebet],
  ['currentSidebetResult', sidebetResult],
  ['playerUpdate', playerUpdate],
  ['buyOrder', order],
  ['sellOrder', order],
  ['requestSidebet', order],
  ['ack:buyOrder', ack],
  ['ack:sellOrder', ack],
  ['ack:requestSidebet', ack],
  ['goldenHourDrawing', drawing],
  ['maintenanceUpdate', announcement],
  ['gameNotification', announcement],
  ['gap', gap],
  ['schema_issue', schemaIssue],
  ['error', system],
  ['connect_error', system],
  ['disconnect', system],
  ['auth_success', system],
])

/** The document of one stored event; undefined for what is not worth one. Money and prices with every digit of the store. */
export function eventDocument(event: StoredEvent, choice: EventChoice): EventDocument | undefined {
  const made = TEMPLATES.get(event.event_name)?.(event, choice)
  if (made === undefined) return undefined
  return {
    table: 'events',
    kind: made.kind,
    id: `${event.seq}`,
    headings: [event.event_name, made.title],
    body: `${made.body}\n${when(event.ts)}${event.game_id === null ? '' : `, game ${event.game_id}`}.`,
    ts: event.ts,
    sessionId: event.session_id,
    seq: event.seq,
    eventName: event.event_name,
    ...(event.game_id === null ? {} : { gameId: event.game_id }),
    ...(event.player_id === null ? {} : { playerId: event.player_id }),
  }
}
