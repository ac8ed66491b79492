import { describe, expect, it } from 'vitest'
import {
  createPipeline,
  ReplayControl,
  type ReplayRecord,
  replayEvents,
  replaySource,
  type SourceItem,
  type Speed,
} from '../../src/index.ts'
import { settled } from '../support/list-source.ts'
import { fixedRandom, ManualClock } from '../support/manual-clock.ts'
import { MemorySink } from '../support/memory-sink.ts'

const records: ReplayRecord[] = Array.from({ length: 8 }, (_, index) => ({
  at: 1_765_577_802_000_000 + index * 1_000_000,
  text: `42["n",${index},1.10]`,
  direction: 'received',
}))

/** A replay under a control, on a clock that the test moves. */
function played(options: { paused?: boolean; speed?: Speed }) {
  const clock = new ManualClock()
  const control = new ReplayControl(options)
  const stop = new AbortController()
  const seen: SourceItem[] = []
  const done = (async () => {
    for await (const item of replaySource(records, { clock, control }).items(stop.signal)) seen.push(item)
  })()
  return { clock, control, seen, stop, done }
}

describe('a replay in the hand', () => {
  it('starts paused, takes single steps, then goes on at the recorded pace from where it stands', async () => {
    const { clock, control, seen, done } = played({ paused: true })
    await settled()
    expect([seen.length, clock.pending]).toEqual([0, []])
    control.step()
    await settled()
    expect(seen).toHaveLength(1)
    control.step(3)
    await settled()
    expect([seen.length, clock.pending]).toEqual([4, []])
    control.resume()
    await settled()
    expect([seen.length, clock.pending]).toEqual([4, [1_000]])
    clock.advance(1_000)
    await settled()
    expect(seen).toHaveLength(5)
    for (let left = 3; left > 0; left--) {
      clock.advance(1_000)
      await settled()
    }
    await done
    expect(seen).toHaveLength(8)
  })

  it('paused between two frames, recorded time stands still: what was left to wait is waited after it', async () => {
    const { clock, control, seen, stop, done } = played({})
    await settled()
    clock.advance(400)
    control.pause()
    await settled()
    clock.advance(60_000)
    await settled()
    expect([seen.length, clock.pending]).toEqual([1, []])
    control.resume()
    await settled()
    expect(clock.pending).toEqual([600])
    clock.advance(600)
    await settled()
    expect(seen).toHaveLength(2)
    stop.abort()
    await done
  })

  it('faster and slower in the middle of a wait, and as fast as it goes', async () => {
    const { clock, control, seen, done } = played({ speed: 1 })
    await settled()
    clock.advance(500)
    control.setSpeed(4)
    await settled()
    expect(clock.pending).toEqual([125])
    control.setSpeed(0.5)
    await settled()
    expect(clock.pending).toEqual([1_000])
    control.setSpeed('max')
    await done
    expect(seen).toHaveLength(8)
    expect(() => control.setSpeed(0)).toThrow(TypeError)
    expect(() => control.step(0)).toThrow(TypeError)
  })

  it('a step pauses what plays, an abort ends what stands', async () => {
    const { clock, control, seen, stop, done } = played({})
    await settled()
    control.step()
    await settled()
    expect([seen.length, clock.pending, control.paused]).toEqual([2, [], true])
    stop.abort()
    await done
    expect(seen).toHaveLength(2)
  })
})

describe('a recording as decoded events', () => {
  const state = { gameId: '20251212-6114b2ff44ef4b71', active: true, rugged: false, price: 1.5, tickCount: 7 }
  const frames: ReplayRecord[] = [
    { at: 1_000_000, text: `42["gameStateUpdate",${JSON.stringify(state)}]`, direction: 'received', connection: 'a' },
    { at: 1_010_000, text: '427["buyOrder",{"amount":0.0020}]', direction: 'sent', connection: 'a' },
    { at: 1_020_000, text: '437[{"success":true}]', direction: 'received', connection: 'a' },
    { at: 1_030_000, text: '42["broken",', direction: 'received', connection: 'a' },
  ]
  const options = { clock: new ManualClock(), random: fixedRandom(), speed: 'max' as const, times: 'recorded' as const }

  it('gives the very events that the pipeline stores of it', async () => {
    const events = []
    for await (const event of replayEvents(frames, options)) events.push(event)
    const sink = new MemorySink()
    const { clock, random } = options
    await createPipeline({ source: replaySource(frames, options), sink, clock, random }).run()
    const ours = ['session_start', 'session_end']
    const stored = sink.events.filter(({ event_name }) => !ours.includes(event_name))
    // Numbers differ by the row that starts a session.
    const bare = ({ _seq, _session_id, payload, raw_json, acked, ...rest }: (typeof stored)[number]) => ({
      ...rest,
      acked: acked && { ...acked, behind: _seq - acked.seq, seq: 0 },
      raw_json: rest.event_name === 'schema_issue' ? '' : raw_json,
    })
    expect(events.map(bare)).toEqual(stored.map(bare))
    expect(events.map(({ _seq }) => _seq)).toEqual(events.map((_, index) => index + 1))
    expect(events.map(({ event_name }) => event_name)).toContain('ack:buyOrder')
    expect(events.every(({ _game_id }) => _game_id === state.gameId)).toBe(true)
  })

  it('ends when the loop is left, and when it is told to', async () => {
    for await (const event of replayEvents(frames, { ...options, loop: true })) if (event._seq > 20) break
    const stop = new AbortController()
    let seen = 0
    for await (const _ of replayEvents(frames, { ...options, loop: true, signal: stop.signal })) if (++seen === 9) stop.abort()
    expect(seen).toBeGreaterThanOrEqual(9)
  })
})
