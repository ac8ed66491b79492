import { describe, expect, it } from 'vitest'
import { ClockWatch } from '../src/clock-watch.ts'
import { ListSource, numbered } from './support/list-source.ts'
import { ManualClock } from './support/manual-clock.ts'
import { record } from './support/record.ts'

/** A clock whose wall time a test can set apart from the steady one. */
class SteppedClock extends ManualClock {
  step = 0
  override now(): number {
    return super.now() + this.step
  }
}

describe('a step of the wall clock', () => {
  it.each([
    ['forward, as after sleep', 3_600_000_000],
    ['back', -2_000_000],
  ])('%s is a gap over the doubtful times, once', (_name, step) => {
    const clock = new SteppedClock()
    const watch = new ClockWatch(clock, 'cdp')
    clock.advance(500)
    expect(watch.look()).toBeNull()
    const before = clock.now()
    clock.step = step
    clock.advance(500)
    const times = [before, clock.now()]
    expect(watch.look()).toEqual({
      from: Math.min(...times),
      to: Math.max(...times),
      cause: 'clock',
      source: 'cdp',
      est_missing: null,
      recovered_by: null,
      step_us: step,
    })
    expect(watch.look()).toBeNull()
  })

  it('is not what a clock does that is slowly corrected', () => {
    const clock = new SteppedClock()
    const watch = new ClockWatch(clock, 'cdp')
    for (let n = 0; n < 1_000; n++) {
      clock.advance(1_000)
      clock.step += 500
      expect(watch.look()).toBeNull()
    }
  })

  it('is a row of the recording, in front of the first frame behind it', async () => {
    const clock = new SteppedClock()
    const source = new ListSource(numbered(4), (index) => {
      if (index === 2) clock.step = 60_000_000
    })
    const { sink, summary } = await record(source, { clock })
    expect(sink.events.map(({ event_name }) => event_name)).toEqual(['session_start', 'e', 'e', 'gap', 'e', 'e', 'session_end'])
    expect(summary).toMatchObject({ gaps: 1, closes: true })
  })
})
