import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { jsonSchemaFiles } from '../scripts/json-schema-files.ts'
import { ACKS, EVENTS, SYSTEM_EVENTS, splitArguments } from '../src/index.ts'
import { DRIFT } from './fixtures/drift.ts'

const folder = fileURLToPath(new URL('../json-schema/', import.meta.url))
const read = (file: string): string => readFileSync(folder + file, 'utf8')
const index = JSON.parse(read('index.json')) as Record<'events' | 'acks' | 'system' | 'recorded', Record<string, string>>

describe('published JSON Schemas', () => {
  it('are what the zod schemas say (else run `pnpm json-schema` and commit)', () => {
    const wanted = jsonSchemaFiles()
    expect(readdirSync(folder).sort()).toEqual([...wanted.keys()].sort())
    for (const [file, text] of wanted) expect(read(file), file).toBe(text)
  })

  it('are listed by name', () => {
    expect(Object.keys(index.events)).toEqual(Object.keys(EVENTS))
    expect(Object.keys(index.acks)).toEqual(Object.keys(ACKS))
    expect(Object.keys(index.system)).toEqual(Object.keys(SYSTEM_EVENTS))
    for (const file of Object.values(index).flatMap((group) => Object.values(group))) expect(readdirSync(folder)).toContain(file)
  })

  it('have names that differ on every file system', () => {
    const names = readdirSync(folder).map((name) => name.toLowerCase())
    expect(new Set(names).size).toBe(names.length)
  })

  it('resolve through the package exports', () => {
    expect(import.meta.resolve('@vectra/schemas/json-schema/gameStateUpdate.json')).toContain('/json-schema/gameStateUpdate.json')
  })

  it('accept every form of the protocol', () => {
    for (const { name, form, args } of DRIFT) {
      const { payload, payloadIndex } = splitArguments(args)
      if (payloadIndex === null) continue
      const schema = z.fromJSONSchema(JSON.parse(read(index.events[name] as string)))
      expect(schema.safeParse(payload).success, `${name}: ${form}`).toBe(true)
    }
  })

  it('refuse what zod refuses, and let unknown keys pass', () => {
    const trade = z.fromJSONSchema(JSON.parse(read('standard-newTrade.json')))
    const ok = { id: '1', gameId: 'g', playerId: 'p', type: 'buy', tickIndex: 0, amount: 1, qty: 1 }
    expect(trade.safeParse({ ...ok, brandNew: { a: 1 } }).success).toBe(true)
    expect(trade.safeParse({ ...ok, amount: '1' }).success).toBe(false)
    expect(trade.safeParse({ ...ok, tickIndex: 0.5 }).success).toBe(false)
  })
})
