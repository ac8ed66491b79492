import { expect, it } from 'vitest'
import { type ReadinessFacts, readiness } from '../../src/ops/readiness.ts'

const NOW = 1_770_365_059_440_000
const fine: ReadinessFacts = { state: 'recording', now: NOW, lastFrameAt: NOW - 1_000_000, writing: 'ok', withinMs: 5_000 }

it.each([
  ['a frame a second ago', {}, []],
  ['a frame exactly as old as allowed', { lastFrameAt: NOW - 5_000_000 }, []],
  ['a frame that is too old', { lastFrameAt: NOW - 5_000_001 }, ['no frame for 5 s']],
  ['no frame at all', { lastFrameAt: null }, ['no frame yet']],
  ['a clock that was set back', { lastFrameAt: NOW + 3_600_000_000 }, []],
  ['a store that refuses', { writing: 'append_failing' }, ['the store cannot write']],
  ['parts that cannot be made', { writing: 'parts_failing' }, ['part files cannot be made']],
  ['opening', { state: 'opening', lastFrameAt: null }, ['opening', 'no frame yet']],
  ['stopping', { state: 'stopping' }, ['stopping']],
] as const)('%s', (_name, facts, reasons) => {
  expect(readiness({ ...fine, ...facts })).toEqual({ ready: reasons.length === 0, reasons })
})
