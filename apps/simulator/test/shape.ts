import type { Seen } from './captures.ts'

/** What a path of a payload was seen to hold. */
export interface Field {
  /** Times its parent was seen. */
  parents: number
  /** Times it was there. */
  present: number
  nulls: number
  readonly types: Set<string>
}

/** Fields of one kind of frame, by path; array items are `[]`, keys that are data are `*`. */
export type Profile = Map<string, Field>

/** Objects whose keys are ticks or ranks. */
const KEYED = new Set(['values', 'customPrizes', 'prizeTiers'])

/** Kind of a frame: the event, and for game states the shape and the phase, for records within lists their kind. */
export function variantOf({ name, payload }: Seen): string {
  if (name === 'standard/newTrade') return `${name}/${String(payload.type)}`
  if (name !== 'gameStateUpdate') return name
  const phase =
    payload.rugged === true
      ? 'rugged'
      : payload.active === true
        ? 'active'
        : payload.allowPreRoundBuys === true
          ? 'presale'
          : 'cooldown'
  const shape =
    'gameHistory' in payload
      ? 'partialPrices' in payload
        ? 'full'
        : 'connect'
      : 'tradeCount' in payload
        ? 'tick'
        : 'price' in payload
          ? 'start'
          : 'minimal'
  return `${name}/${shape}/${phase}`
}

/** Profiles of many events, by kind. */
export function profile(events: Iterable<Seen>): Map<string, Profile> {
  const profiles = new Map<string, Profile>()
  for (const event of events) {
    const variant = variantOf(event)
    let fields = profiles.get(variant)
    if (fields === undefined) profiles.set(variant, (fields = new Map()))
    addObject(fields, '', event.payload)
  }
  return profiles
}

function fieldOf(fields: Profile, path: string): Field {
  let field = fields.get(path)
  if (field === undefined) fields.set(path, (field = { parents: 0, present: 0, nulls: 0, types: new Set() }))
  return field
}

function addObject(fields: Profile, path: string, value: object): void {
  const self = fieldOf(fields, `${path}{}`)
  self.present += 1
  const keyed = KEYED.has(path.split('.').at(-1) ?? '')
  for (const [key, inner] of Object.entries(value))
    addValue(fields, `${path}${path === '' ? '' : '.'}${keyed ? '*' : key}`, inner)
}

function addValue(fields: Profile, path: string, value: unknown): void {
  const field = fieldOf(fields, path)
  field.present += 1
  if (value === null) {
    field.nulls += 1
    return
  }
  field.types.add(Array.isArray(value) ? 'array' : typeof value)
  if (Array.isArray(value))
    for (const item of value) {
      const kind = path.endsWith('globalSidebets')
        ? `[${String((item as { type: string }).type)}${(item as { payout?: number }).payout ? '-won' : ''}]`
        : '[]'
      if (typeof item === 'object' && item !== null && !Array.isArray(item)) addObject(fields, `${path}${kind}`, item)
      else addValue(fields, `${path}${kind}`, item)
    }
  else if (typeof value === 'object') addObject(fields, path, value)
}

/**
 * How far apart two profiles are, in words; empty when nobody could tell them apart.
 *
 * Null rates are compared from `atLeast` values on. `state` names paths whose rates say when the capture was made, not how frames look.
 */
export function differences(
  real: Map<string, Profile>,
  simulated: Map<string, Profile>,
  bounds: { nullRate: number; atLeast: number; state: RegExp },
): string[] {
  const found: string[] = []
  for (const [variant, expected] of real) {
    const actual = simulated.get(variant)
    if (actual === undefined) {
      found.push(`${variant}: never simulated`)
      continue
    }
    for (const path of new Set([...expected.keys(), ...actual.keys()])) {
      const [a, b] = [expected.get(path), actual.get(path)]
      const parents = (fields: Profile): number => fields.get(`${parentOf(path)}{}`)?.present ?? 0
      // Null in all of reality that was captured, and an object here: the field is known, what it may hold is not contradicted.
      if (path.endsWith('{}') && expected.get(path.slice(0, -2))?.nulls) continue
      if (a === undefined && b !== undefined && parents(expected) > 0 && !bounds.state.test(path))
        found.push(`${variant} ${path}: simulated only`)
      if (a === undefined || b === undefined) {
        const always = a !== undefined && !path.endsWith('{}') && a.present === parents(expected)
        if (always && b === undefined && parents(actual) > 0) found.push(`${variant} ${path}: real only`)
        continue
      }
      if (path.endsWith('{}')) continue
      const [mayLackReal, mayLackSimulated] = [a.present < parents(expected), b.present < parents(actual)]
      if (parents(expected) >= bounds.atLeast && mayLackReal !== mayLackSimulated && !bounds.state.test(path))
        found.push(`${variant} ${path}: ${mayLackReal ? 'optional' : 'always there'} in reality, not so simulated`)
      for (const type of b.types)
        if (a.types.size > 0 && !a.types.has(type))
          found.push(`${variant} ${path}: ${type}, never so in reality (${[...a.types].join('|')})`)
      const rates = [a.nulls / Math.max(1, a.present), b.nulls / Math.max(1, b.present)] as const
      if (
        !bounds.state.test(path) &&
        a.present >= bounds.atLeast &&
        b.present >= bounds.atLeast &&
        Math.abs(rates[0] - rates[1]) > bounds.nullRate
      ) {
        found.push(
          `${variant} ${path}: null in ${(rates[0] * 100).toFixed(1)} % of reality, in ${(rates[1] * 100).toFixed(1)} % simulated`,
        )
      }
    }
  }
  return found
}

/** Path of the object a field belongs to. */
function parentOf(path: string): string {
  if (path.endsWith('{}')) return parentOf(path.slice(0, -2))
  const cut = Math.max(path.lastIndexOf('.'), 0)
  return path.slice(0, cut)
}
