import { describe, expect, it } from 'vitest'
import {
  type ConnectionEffect,
  type ConnectionInput,
  type ConnectionPolicy,
  type ConnectionState,
  IDLE,
  step,
} from '../src/connection.ts'

const forever: ConnectionPolicy = { backoff: { jitter: 0 }, giveUpAfterMs: null, onServerDisconnect: 'reconnect' }

/** Runs inputs and returns the effects of each. */
function run(inputs: ConnectionInput[], policy = forever): { state: ConnectionState; effects: ConnectionEffect[][] } {
  let state = IDLE
  const effects = inputs.map((input) => {
    const next = step(state, input, policy, 0.5)
    state = next.state
    return next.effects
  })
  return { state, effects }
}

const failed = (at: number): ConnectionInput => ({ kind: 'failed', at, message: 'refused' })
const delays = (effects: ConnectionEffect[][]): number[] =>
  effects.flat().flatMap((effect) => (effect.do === 'wait' ? [effect.delayMs] : []))

describe('reconnecting', () => {
  it('goes on for ever, slower up to the cap', () => {
    const inputs: ConnectionInput[] = [{ kind: 'start', at: 0 }]
    for (let attempt = 0; attempt < 200; attempt += 1) inputs.push(failed(attempt), { kind: 'retry', at: attempt })
    const { state, effects } = run(inputs)
    expect(state.phase).toBe('connecting')
    expect(delays(effects).slice(0, 7)).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000])
    expect(delays(effects)).toHaveLength(200)
  })

  it('starts small again only after a good message, not after opening', () => {
    const closed: ConnectionInput = { kind: 'closed', at: 9, byServer: false }
    const opening: ConnectionInput[] = [
      { kind: 'retry', at: 3 },
      { kind: 'opened', at: 4 },
    ]
    expect(delays(run([{ kind: 'start', at: 0 }, failed(1), ...opening, closed, ...opening, closed]).effects)).toEqual([
      250, 500, 1000,
    ])
    expect(delays(run([{ kind: 'start', at: 0 }, failed(1), ...opening, { kind: 'message', at: 5 }, closed]).effects)).toEqual([
      250, 250,
    ])
  })

  it('closes a stale connection and waits like after any other', () => {
    const { effects } = run([
      { kind: 'start', at: 0 },
      { kind: 'opened', at: 1 },
      { kind: 'message', at: 2 },
      { kind: 'stale', at: 99 },
    ])
    expect(effects[3]).toEqual([{ do: 'close' }, { do: 'wait', delayMs: 250 }])
  })

  it('takes the server word for the end only when asked to', () => {
    const inputs: ConnectionInput[] = [
      { kind: 'start', at: 0 },
      { kind: 'opened', at: 1 },
      { kind: 'closed', at: 2, byServer: true },
    ]
    expect(run(inputs).state.phase).toBe('waiting')
    const ended = run(inputs, { ...forever, onServerDisconnect: 'end' })
    expect(ended.state.phase).toBe('ended')
    expect(ended.effects[2]).toEqual([{ do: 'close' }, { do: 'end' }])
  })

  it('gives up at the moment it was told, counted from the last message', () => {
    const policy = { ...forever, giveUpAfterMs: 1_000 }
    const { effects } = run(
      [{ kind: 'start', at: 0 }, failed(0), { kind: 'retry', at: 250 }, failed(600), { kind: 'retry', at: 1000 }, failed(1_000)],
      policy,
    )
    expect(delays(effects)).toEqual([250, 400])
    expect(effects.at(-1)).toEqual([{ do: 'close' }, { do: 'give-up', downMs: 1_000, message: 'refused' }])
    const later = run(
      [
        { kind: 'start', at: 0 },
        { kind: 'opened', at: 5_000 },
        { kind: 'message', at: 5_000 },
        { kind: 'closed', at: 90_000, byServer: false },
      ],
      policy,
    )
    expect(later.state.phase).toBe('waiting')
  })

  it('does nothing after the end', () => {
    const { effects, state } = run([
      { kind: 'start', at: 0 },
      { kind: 'stop', at: 1 },
      { kind: 'stop', at: 2 },
      failed(3),
      { kind: 'retry', at: 4 },
    ])
    expect(effects.slice(1)).toEqual([[{ do: 'close' }, { do: 'end' }], [], [], []])
    expect(state.phase).toBe('ended')
  })
})
