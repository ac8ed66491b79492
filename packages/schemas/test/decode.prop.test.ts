import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { compileAccepts } from '../src/accepts.ts'
import { ACKS, decodeAck, decodeEvent, EVENTS, parseExact, phaseOf, splitArguments, stringifyExact } from '../src/index.ts'
import { compact } from './exact-text.ts'
import { DRIFT } from './fixtures/drift.ts'
import { jsonText, key } from './generators.ts'

const json: fc.Arbitrary<unknown> = jsonText.map((text) => JSON.parse(text) as unknown)
const name = fc.oneof(fc.constantFrom(...Object.keys(EVENTS), ...Object.keys(ACKS), '__proto__', ''), fc.string())
const fixture = fc.constantFrom(...DRIFT.filter(({ args }) => args.length > 0))

/** Paths of all objects inside a value, the value itself too. */
function* objects(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield value as Record<string, unknown>
  for (const member of Object.values(value)) yield* objects(member)
}

function put(object: object, member: string, value: unknown): void {
  Object.defineProperty(object, member, { value, enumerable: true, writable: true, configurable: true })
}

/** All keys that any form of the protocol uses anywhere: an unknown key is none of them. */
const knownKeys = new Set(DRIFT.flatMap(({ args }) => [...objects(args)]).flatMap((object) => Object.keys(object)))
const unknownKey = key.filter((text) => !knownKeys.has(text) && !/^\d+$/.test(text))

describe('decoding', () => {
  it('never throws and never changes what it is given', () => {
    fc.assert(
      fc.property(name, fc.array(json, { maxLength: 3 }), fc.boolean(), (event, args, recoveryOffset) => {
        const before = copyOf(args)
        const results = [decodeEvent(event, args, { recoveryOffset }), decodeAck(event, args), decodeAck(null, args)]
        for (const result of results) {
          if (!result.ok) expect(result.issues.length).toBeGreaterThan(0)
          const { payload, payloadIndex } = result.ok ? result.event : result.raw
          expect(payload).toBe(payloadIndex === null ? null : args[payloadIndex])
          phaseOf(payload)
        }
        expect(isDeepStrictEqual(args, before)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('unknown in, unknown out: a new key anywhere is neither an issue nor lost', () => {
    fc.assert(
      fc.property(fixture, unknownKey, json, fc.nat(), ({ name: event, args }, newKey, value, place) => {
        const copy = copyOf(args)
        const { payloadIndex } = splitArguments(copy)
        // not in maps, whose values are typed whatever their key
        const places = [...objects(payloadIndex === null ? [] : copy[payloadIndex])].filter((object) => !isMap(object))
        const target = places[place % Math.max(1, places.length)]
        if (target) put(target, newKey, value)
        const text = JSON.stringify(copy)
        const result = decodeEvent(event, copy)
        expect(result.ok ? null : result.issues).toBeNull()
        if (!result.ok || payloadIndex === null) return
        expect(result.event.payload).toBe(copy[payloadIndex])
        expect(JSON.stringify(copy)).toBe(text)
      }),
      { numRuns: 500 },
    )
  })

  it('text in, text out: exact numbers of any payload come back as they stood', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const unique = stringifyExact(parseExact(text))
        const result = decodeEvent('brandNew', [JSON.parse(unique)])
        expect(result.ok && isDeepStrictEqual(result.event.payload, JSON.parse(unique))).toBe(true)
        expect(stringifyExact(parseExact(unique))).toBe(compact(unique))
      }),
    )
  })
})

describe('the compiled check', () => {
  const schemas = [...Object.values(EVENTS), ...Object.values(ACKS)].map(({ schema }) => schema as z.ZodType)

  it('accepts nothing that zod refuses, and every form that zod accepts', () => {
    fc.assert(
      fc.property(
        fixture,
        fc.nat(),
        json,
        fc.constantFrom('replace', 'remove', 'keep'),
        ({ name: event, args }, place, value, change) => {
          const copy = copyOf(args)
          const { payload } = splitArguments(copy)
          const all = [...objects(payload)]
          const target = all[place % Math.max(1, all.length)]
          const keys = target ? Object.keys(target) : []
          const member = keys[place % Math.max(1, keys.length)]
          if (target && member !== undefined && change === 'replace') put(target, member, value)
          if (target && member !== undefined && change === 'remove') delete target[member]
          const schema = (EVENTS as Readonly<Record<string, { schema: z.ZodType }>>)[event]?.schema as z.ZodType
          const zod = schema.safeParse(payload).success
          const compiled = compileAccepts(schema)(payload)
          if (change === 'keep' && payload !== null) expect(compiled).toBe(true)
          if (compiled) expect(zod).toBe(true)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('accepts nothing that zod refuses, on arbitrary JSON', () => {
    fc.assert(
      fc.property(fc.constantFrom(...schemas), json, (schema, value) => {
        if (compileAccepts(schema)(value)) expect(schema.safeParse(value).success).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })
})

/** Deep copy that keeps own members called `__proto__`. */
function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T
  if (typeof value !== 'object' || value === null) return value
  const copy = {}
  for (const [member, inner] of Object.entries(value)) put(copy, member, copyOf(inner))
  return copy as T
}

/** Objects used as maps: prices by tick, prizes by rank, balances by token, crates by kind. */
function isMap(object: Record<string, unknown>): boolean {
  return Object.keys(object).some((member) => /^(\d|0x|gold$)/.test(member))
}
