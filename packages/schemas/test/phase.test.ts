import { expect, it } from 'vitest'
import { decodeEvent, phaseOf } from '../src/index.ts'

const quiet = { gameId: 'g', active: false, rugged: false, allowPreRoundBuys: false, cooldownTimer: 0 }

it.each([
  ['rug, active not yet cleared', { rugged: true, active: true }, 'rugged'],
  ['rug, active cleared', { rugged: true }, 'rugged'],
  ['running', { active: true }, 'active'],
  ['running, presale flag left over', { active: true, allowPreRoundBuys: true }, 'active'],
  ['presale inside the cooldown', { cooldownTimer: 10_000, allowPreRoundBuys: true }, 'presale'],
  ['presale at the last moment', { cooldownTimer: 0, allowPreRoundBuys: true }, 'presale'],
  ['cooldown', { cooldownTimer: 14_900 }, 'cooldown'],
  ['nothing set', {}, undefined],
  ['flags that are no booleans', { rugged: 1, active: 'true', cooldownTimer: '5' }, undefined],
])('%s', (_name, flags, phase) => expect(phaseOf({ ...quiet, ...flags })).toBe(phase))

it('reads minimal frames, which lack active and rugged', () => {
  expect(phaseOf({ gameId: 'g', cooldownTimer: 100, allowPreRoundBuys: true })).toBe('presale')
  expect(phaseOf({ gameId: 'g', cooldownTimer: 10_100, allowPreRoundBuys: false })).toBe('cooldown')
})

it.each([[null], [undefined], ['active'], [[{ active: true }]], [7]])('%j has no phase', (value) =>
  expect(phaseOf(value)).toBeUndefined(),
)

it('takes the payload of a decoded event', () => {
  const result = decodeEvent('gameStateUpdate', [{ ...quiet, active: true }])
  expect(result.ok && phaseOf(result.event.payload)).toBe('active')
})
