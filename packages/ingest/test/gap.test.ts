import { describe, expect, it } from 'vitest'
import { GapTracker } from '../src/gap.ts'
import type { ConnectionStatus } from '../src/index.ts'

const connection = 'ws-1'
const disconnect: ConnectionStatus = { kind: 'disconnect', connection, reason: 'transport close' }
const reconnect = (recovered: boolean): ConnectionStatus => ({ kind: 'reconnect', connection: 'ws-2', recovered })

/** A tracker that has seen a frame each 250 ms, the last at `until`. */
function fed(until: number): GapTracker {
  const tracker = new GapTracker('public_ws')
  for (let at = 0; at <= until; at += 250_000) expect(tracker.onFrame(at, connection)).toBeNull()
  return tracker
}

describe('gaps', () => {
  it('P9: lasts from the last frame before to the first frame after, with an estimate from the rate', () => {
    const tracker = fed(10_000_000)
    expect(tracker.onStatus(disconnect, 10_100_000)).toBeNull()
    expect(tracker.onStatus({ kind: 'connect_error', connection: 'ws-2', message: 'refused' }, 11_000_000)).toBeNull()
    expect(tracker.onStatus(reconnect(false), 12_900_000)).toBeNull()
    expect(tracker.onFrame(13_000_000, 'ws-2')).toEqual({
      from: 10_000_000,
      to: 13_000_000,
      cause: 'disconnect',
      source: 'public_ws',
      est_missing: 12,
      recovered_by: null,
    })
    expect(tracker.onFrame(13_250_000, 'ws-2')).toBeNull()
  })

  it('estimates by the long rate: neither a burst after connecting nor an earlier gap moves it', () => {
    const tracker = fed(20_000_000)
    tracker.onStatus(disconnect, 20_100_000)
    tracker.onStatus(reconnect(false), 29_900_000)
    expect(tracker.onFrame(30_000_000, 'ws-2')).toMatchObject({ est_missing: 40 })
    for (let frame = 1; frame <= 10; frame++) tracker.onFrame(30_000_000 + frame, 'ws-2')
    tracker.onStatus({ ...disconnect, connection: 'ws-2' }, 30_100_000)
    tracker.onStatus({ ...reconnect(false), connection: 'ws-3' }, 39_900_000)
    const gap = tracker.onFrame(40_000_000, 'ws-3')
    // 92 frames in the 20 s that were heard; the last ten alone came at a million a second.
    expect(gap?.est_missing).toBe(45)
  })

  it('misses nothing after a recovered connection, and says so', () => {
    const tracker = fed(1_000_000)
    tracker.onStatus({ kind: 'connect', connection }, 0)
    tracker.onStatus(disconnect, 1_100_000)
    expect(tracker.onFrame(1_900_000, 'ws-2')).toBeNull()
    expect(tracker.onFrame(1_900_001, 'ws-2')).toBeNull()
    expect(tracker.onStatus(reconnect(true), 2_000_000)).toMatchObject({
      from: 1_000_000,
      to: 1_900_000,
      est_missing: 0,
      recovered_by: 'connection_state_recovery',
    })
    expect(tracker.onFrame(2_100_000, 'ws-2')).toBeNull()
  })

  it('is not fooled by frames that come before their CONNECT packet', () => {
    const tracker = fed(1_000_000)
    tracker.onStatus({ kind: 'connect', connection }, 0)
    tracker.onStatus(disconnect, 1_100_000)
    expect(tracker.onFrame(2_000_000, 'ws-2')).toBeNull()
    expect(tracker.onStatus(reconnect(false), 2_000_100)).toMatchObject({
      from: 1_000_000,
      to: 2_000_000,
      est_missing: 4,
      recovered_by: null,
    })
    const first = new GapTracker('public_ws')
    first.onFrame(5, connection)
    expect(first.onStatus({ kind: 'connect', connection }, 6)).toBeNull()
    expect(first.onFrame(7, connection)).toBeNull()
  })

  it('keeps the first cause of a stretch', () => {
    const tracker = fed(1_000_000)
    tracker.onStatus({ kind: 'stale', connection, silentMs: 30_000 }, 31_000_000)
    tracker.onStatus(disconnect, 31_000_001)
    expect(tracker.onFrame(32_000_000, connection)).toMatchObject({ cause: 'stale', from: 1_000_000 })
  })

  it('ends with the session when nothing came back', () => {
    const tracker = fed(1_000_000)
    tracker.onStatus(disconnect, 1_100_000)
    expect(tracker.end(5_000_000)).toMatchObject({ from: 1_000_000, to: 5_000_000, est_missing: 16 })
    expect(tracker.end(6_000_000)).toBeNull()
  })

  it('knows no rate before two frames', () => {
    const tracker = new GapTracker('public_ws')
    tracker.onStatus({ kind: 'connect', connection }, 0)
    expect(tracker.onFrame(100, connection)).toBeNull()
    tracker.onStatus(disconnect, 200)
    expect(tracker.onFrame(900, connection)).toMatchObject({ from: 100, to: 900, est_missing: null })
  })

  it('takes a second connect in a capture for a break', () => {
    const tracker = fed(1_000_000)
    tracker.onStatus({ kind: 'connect', connection: 'import-2' }, 3_000_000)
    expect(tracker.onFrame(3_000_000, 'import-2')).toMatchObject({ from: 1_000_000, cause: 'disconnect', est_missing: 8 })
  })

  it('is no gap when the server ended the feed for good', () => {
    const tracker = fed(1_000_000)
    tracker.onStatus({ ...disconnect, final: true }, 1_100_000)
    expect(tracker.end(5_000_000)).toBeNull()
  })

  it('counts an overflow exactly', () => {
    const gap = fed(1_000_000).onStatus({ kind: 'overflow', connection, from: 900, missed: 7 }, 1_000)
    expect(gap).toEqual({ from: 900, to: 1_000, cause: 'backpressure', source: 'public_ws', est_missing: 7, recovered_by: null })
  })
})
