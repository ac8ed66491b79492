import { type EventEnvelope, type EventShape, eventShape, type JsonKind, jsonKind } from '@vectra/schemas'
import { isRecord, NOTHING, type Noted, type Watcher } from './watcher.ts'

/** Events whose shape is followed; names are a hostile server's to choose. */
const MAX_EVENTS = 128
/** Fields followed per event. */
const MAX_PATHS = 600
/** Rows per event in one recording; the last says that there are more. */
const MAX_NOTES = 100
const MAX_DEPTH = 8
/** Values looked at in one event. */
const MAX_VALUES = 3_000
/** Elements looked at in one array: the first ones and the last. */
const MAX_ELEMENTS = 4
/** After its first events, every such one is looked at as a whole; the names at its top are looked at in each. */
const LOOKED_AT_FIRST = 32
const LOOK_EVERY = 16
/** A field is gone when it is missing for so many times its longest absence so far, and at least so often. */
const GONE_FACTOR = 20
const GONE_AT_LEAST = 64
/** Sightings of a field outside the schema before a new kind of value is a change, and of any before its absence is. */
const SETTLED = 20
/** Members with data for names: digits, addresses, ids. */
const DATA_NAME = /^\d|^0x|:|^.{41,}$/

/** What is known of one field. */
interface Field {
  readonly kinds: Set<JsonKind | 'any'>
  readonly inSchema: boolean
  seen: number
  /** Looks at the object that holds it, when it was last there. */
  lastAt: number
  longestAbsence: number
  gone: boolean
}

/** What is known of one event's shape. */
interface Known {
  readonly shape: EventShape | null
  readonly fields: Map<string, Field>
  /** Names at the top, to tell a new one in every event. */
  readonly top: Set<string>
  /** Times an object at a path was looked at. */
  readonly looks: Map<string, number>
  events: number
  notes: number
}

/**
 * Notes when the shape of an event changes: a field that its schema does not know appears, one that used to come stays away, or a value
 * has another kind than before.
 *
 * What the schemas name is known from the start, so a change is also told when it came while nobody recorded. Fields beyond them are
 * learned. Each change is noted once; a field may come and go four times before it is left alone by the limit on rows.
 */
export class Drift implements Watcher {
  readonly #events = new Map<string, Known>()

  onEvent(envelope: EventEnvelope): readonly Noted[] {
    const { event_name: name, direction, payload, packet } = envelope
    if (direction !== 'received' || !packet.startsWith('42') || payload === null) return NOTHING
    let known = this.#events.get(name)
    const notes: Noted[] = []
    if (!known) {
      if (this.#events.size >= MAX_EVENTS) return NOTHING
      known = { shape: eventShape(name), fields: new Map(), top: new Set(), looks: new Map(), events: 0, notes: 0 }
      this.#events.set(name, known)
    }
    known.events += 1
    if (known.events > LOOKED_AT_FIRST && known.events % LOOK_EVERY !== 0 && !hasNewName(known, payload)) return notes
    new Look(known, envelope, notes).at(payload, '', 0)
    if (known.events % (4 * LOOK_EVERY) === 0) missing(known, envelope, notes)
    return notes
  }
}

function hasNewName({ top }: Known, payload: unknown): boolean {
  if (!isRecord(payload)) return false
  for (const name in payload) if (!top.has(name) && top.size < MAX_PATHS) return true
  return false
}

/** One look at the whole of an event. */
class Look {
  readonly #known: Known
  readonly #envelope: EventEnvelope
  readonly #notes: Noted[]
  #values = 0

  constructor(known: Known, envelope: EventEnvelope, notes: Noted[]) {
    this.#known = known
    this.#envelope = envelope
    this.#notes = notes
  }

  at(value: unknown, path: string, depth: number): void {
    this.#values += 1
    if (this.#values > MAX_VALUES || depth > MAX_DEPTH) return
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index += index === MAX_ELEMENTS - 2 ? Math.max(1, value.length - 1 - index) : 1)
        this.#member(value[index], `${path}[]`, depth, null)
    } else if (isRecord(value)) {
      const looks = (this.#known.looks.get(path) ?? 0) + 1
      if (this.#known.looks.size < MAX_PATHS || looks > 1) this.#known.looks.set(path, looks)
      for (const name of Object.keys(value)) {
        if (path === '' && this.#known.top.size < MAX_PATHS) this.#known.top.add(name)
        this.#member(value[name], memberPath(this.#known, path, name), depth, looks)
      }
    }
  }

  /** @param looks at the object that holds it; null for an element */
  #member(value: unknown, path: string, depth: number, looks: number | null): void {
    const kind = jsonKind(value)
    const field = this.#known.fields.get(path)
    if (!field) this.#appeared(path, kind, looks)
    else {
      if (field.gone) {
        field.gone = false
        note(this.#known, this.#envelope, path, 'appeared', null, kind, this.#notes)
      }
      if (!field.kinds.has(kind) && !field.kinds.has('any')) this.#otherKind(path, field, kind)
      // An object in an array is looked at several times in one look: only its absence counts, never that.
      if (looks !== null) {
        if (field.seen > 0) field.longestAbsence = Math.max(field.longestAbsence, looks - field.lastAt)
        field.lastAt = looks
      }
      field.seen += 1
    }
    this.at(value, path, depth + 1)
  }

  #appeared(path: string, kind: JsonKind, looks: number | null): void {
    const { fields, shape } = this.#known
    if (fields.size >= MAX_PATHS) return
    const allowed = shape?.get(path)
    const kinds = new Set<JsonKind | 'any'>(allowed ?? [kind])
    fields.set(path, { kinds, inSchema: allowed !== undefined, seen: 1, lastAt: looks ?? 0, longestAbsence: 1, gone: false })
    if (allowed !== undefined && !kinds.has(kind) && !kinds.has('any')) {
      note(this.#known, this.#envelope, path, 'type_changed', [...kinds].sort().join('|'), kind, this.#notes)
      kinds.add(kind)
      return
    }
    // Below a field that is new itself, or that the schema leaves open, nothing is news; nor while an unknown shape is learned.
    const learning = shape === null && this.#known.events <= SETTLED
    const parent = path.replace(/(?:\.?[^.[\]]+|\[\])$/, '')
    const open = parent !== '' && (shape === null || !shape.has(parent) || shape.get(parent)?.has('any') === true)
    if (allowed === undefined && !learning && !(open && shape !== null))
      note(this.#known, this.#envelope, path, 'appeared', null, kind, this.#notes)
  }

  #otherKind(path: string, field: Field, kind: JsonKind): void {
    const before = [...field.kinds].sort().join('|')
    field.kinds.add(kind)
    // That a value can be missing is learned late and means little.
    const settled = field.inSchema || (field.seen >= SETTLED && kind !== 'null' && before !== 'null')
    if (settled) note(this.#known, this.#envelope, path, 'type_changed', before, kind, this.#notes)
  }
}

/** Fields that have been away for much longer than ever before. */
function missing(known: Known, envelope: EventEnvelope, notes: Noted[]): void {
  for (const [path, field] of known.fields) {
    if (field.gone || field.seen < SETTLED || field.lastAt === 0) continue
    const looks = known.looks.get(ownerOf(path)) ?? 0
    if (looks - field.lastAt <= Math.max(GONE_AT_LEAST, GONE_FACTOR * field.longestAbsence)) continue
    field.gone = true
    note(known, envelope, path, 'disappeared', [...field.kinds].sort().join('|'), null, notes)
  }
}

/** Path of the object that a member is in. */
function ownerOf(path: string): string {
  const at = path.lastIndexOf('.')
  return at < 0 ? '' : path.slice(0, at)
}

function memberPath({ shape }: Known, path: string, name: string): string {
  const prefix = path === '' ? '' : `${path}.`
  const data = shape?.has(`${prefix}*`) === true || (DATA_NAME.test(name) && shape?.has(prefix + name) !== true)
  return prefix + (data ? '*' : name.replace(/[.[\]]/g, '_'))
}

function note(
  known: Known,
  { event_name: event, _seq: seq, _game_id: gameId }: EventEnvelope,
  path: string,
  change: string,
  before: string | null,
  after: string | null,
  notes: Noted[],
): void {
  known.notes += 1
  if (known.notes > MAX_NOTES) return
  const last = known.notes === MAX_NOTES
  const payload = last
    ? { event, path: '', change: 'overflow', before: null, after: null, seq }
    : { event, path: path.slice(0, 200).toWellFormed(), change, before, after, seq }
  notes.push({ kind: 'system', name: 'schema_drift', gameId, payload })
}
