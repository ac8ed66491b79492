import { describe, expect, it } from 'vitest'
import { LocalTimes } from '../../src/formats/local-time.ts'

const iso = (micros: number | null): string | null => (micros === null ? null : new Date(micros / 1000).toISOString())

describe('times of captures', () => {
  it('reads naive times as US Eastern, to the microsecond', () => {
    const at = new LocalTimes().read('2025-12-12T17:16:58.624285')
    expect(iso(at)).toBe('2025-12-12T22:16:58.624Z')
    expect((at ?? 0) % 1000).toBe(285)
    expect(iso(new LocalTimes().read('2025-10-29T18:47:03.974785'))).toBe('2025-10-29T22:47:03.974Z')
  })

  it('reads the repeated autumn hour by the order of the file', () => {
    const inOrder = new LocalTimes()
    expect(['00:30', '01:59', '01:00', '01:59', '02:00'].map((clock) => iso(inOrder.read(`2025-11-02T${clock}:00`)))).toEqual([
      '2025-11-02T04:30:00.000Z',
      '2025-11-02T05:59:00.000Z',
      '2025-11-02T06:00:00.000Z',
      '2025-11-02T06:59:00.000Z',
      '2025-11-02T07:00:00.000Z',
    ])
    expect(iso(new LocalTimes().read('2025-11-02T01:30:00'))).toBe('2025-11-02T05:30:00.000Z')
  })

  it('takes milliseconds backwards for jitter, not for the second hour', () => {
    const times = new LocalTimes()
    times.read('2025-11-02T01:20:00.010')
    expect(iso(times.read('2025-11-02T01:20:00.004'))).toBe('2025-11-02T05:20:00.004Z')
  })

  it('reads the hour that spring leaves out as not yet put forward', () => {
    expect(iso(new LocalTimes().read('2026-03-08T02:30:00'))).toBe('2026-03-08T07:30:00.000Z')
    expect(iso(new LocalTimes().read('2026-03-08T03:30:00'))).toBe('2026-03-08T07:30:00.000Z')
  })

  it('believes an offset', () => {
    const times = new LocalTimes()
    expect(iso(times.read('2025-12-15T05:39:00Z'))).toBe('2025-12-15T05:39:00.000Z')
    expect(iso(times.read('2025-12-15T00:39:00.25-05:00'))).toBe('2025-12-15T05:39:00.250Z')
    expect(iso(times.read('2025-12-15T11:09:00+0530'))).toBe('2025-12-15T05:39:00.000Z')
    expect(iso(times.read('2025-12-15 07:39:00+02'))).toBe('2025-12-15T05:39:00.000Z')
  })

  it('takes another zone', () => {
    expect(iso(new LocalTimes('UTC').read('2025-07-01T12:00:00'))).toBe('2025-07-01T12:00:00.000Z')
    expect(iso(new LocalTimes('Europe/Berlin').read('2025-07-01T12:00:00'))).toBe('2025-07-01T10:00:00.000Z')
    expect(iso(new LocalTimes('Asia/Kathmandu').read('2025-07-01T12:00:00'))).toBe('2025-07-01T06:15:00.000Z')
    expect(() => new LocalTimes('Mars/Olympus')).toThrow(RangeError)
  })

  it.each([
    [null],
    [5],
    [''],
    ['yesterday'],
    ['2025-13-01T00:00:00'],
    ['2025-02-30T00:00:00'],
    ['2025-12-12T24:00:00'],
    ['2025-12-12'],
    ['x2025-12-12T00:00:00'],
    // Times that no row can hold.
    ['1960-01-01T00:00:00'],
    ['1969-12-31T23:59:59.999999Z'],
    ['0001-01-01T00:00:00'],
    ['9999-12-31T23:59:59.999999'],
  ])('%j is no time', (text) => {
    expect(new LocalTimes().read(text)).toBeNull()
  })
})
