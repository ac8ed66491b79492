import { expect, it } from 'vitest'
import { IndexProgress } from '../src/index-progress.ts'

it('says how many, at what rate, and about how long still; each table from its own beginning', () => {
  let now = 0
  const progress = new IndexProgress(() => now)
  expect(progress.text()).toBe('looking for changes')
  now = 2_000
  progress.saw({ table: 'events', scopes: 10, total: 60, rows: 400, embedded: 300 })
  expect(progress.text()).toBe('events: 10 of 60 sources, 400 rows at 200/s, 300 embedded, about 10.0s left')
  now = 12_000
  progress.saw({ table: 'code_context', scopes: 1, total: 3, rows: 5, embedded: 5 })
  now = 13_000
  progress.saw({ table: 'code_context', scopes: 2, total: 3, rows: 50, embedded: 50 })
  expect(progress.text()).toBe('code_context: 2 of 3 sources, 50 rows at 50/s, 50 embedded')
  expect(progress.fields()).toMatchObject({ table: 'code_context', scopes: 2, rows: 50, rate: 50 })
})

it('without a total it says what is known', () => {
  let now = 0
  const progress = new IndexProgress(() => now)
  now = 1_000
  progress.saw({ table: 'debug_notes', scopes: 3, rows: 3, embedded: 0 })
  expect(progress.text()).toBe('debug_notes: 3 sources, 3 rows at 3/s, 0 embedded')
})
