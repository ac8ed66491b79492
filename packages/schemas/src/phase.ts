import { isRecord } from './json-value.ts'

/** Phases of a game, in their order of play. */
export const PHASES = ['cooldown', 'presale', 'active', 'rugged'] as const
export type Phase = (typeof PHASES)[number]

/**
 * Phase of a game at one `gameStateUpdate`.
 *
 * Order matters: `active` stays true in the rug frames, presale opens while `cooldownTimer` (ms) still runs, and cooldown
 * frames carry none of the flags.
 *
 * @returns `undefined` for flags never captured together, and for anything that is no state: keep the last phase
 * @see domain/events.md section 3.1 (1,321 frames, none undefined)
 */
export function phaseOf(state: unknown): Phase | undefined {
  if (!isRecord(state)) return undefined
  if (state.rugged === true) return 'rugged'
  if (state.active === true) return 'active'
  if (state.allowPreRoundBuys === true) return 'presale'
  return typeof state.cooldownTimer === 'number' && state.cooldownTimer > 0 ? 'cooldown' : undefined
}
