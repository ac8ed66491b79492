import type { EventEnvelope } from '@vectra/schemas'
import { describe, expect, it } from 'vitest'
import type { EventSink } from '../src/index.ts'
import { Stamp } from '../src/stamp.ts'

/** A sink under test and a look at what it holds. */
export interface SinkHarness {
  readonly sink: EventSink
  /** Everything acknowledged, in order of `_seq`, of one session. */
  stored(sessionId: string): Promise<readonly EventEnvelope[]>
  close(): Promise<void>
}

const sessionId = '019b14a3-8200-748f-8e6f-b2eba3ebf2f9'
const info = { sessionId, source: 'public_ws', origin: null } as const

function events(from: number, count: number): EventEnvelope[] {
  const stamp = new Stamp(info, from - 1)
  return Array.from({ length: count }, (_, index) =>
    stamp.system('gap', 1_765_577_802_000_000 + from + index, null, { from: 0, to: index }),
  )
}

/** What the pipeline relies on; every `EventSink` runs it. */
export function describeSink(name: string, open: () => Promise<SinkHarness>): void {
  describe(`EventSink: ${name}`, () => {
    const using = async (test: (harness: SinkHarness) => Promise<void>): Promise<void> => {
      const harness = await open()
      try {
        await test(harness)
      } finally {
        await harness.close()
      }
    }

    it('P1: holds what it acknowledged, in order', () =>
      using(async ({ sink, stored }) => {
        expect(await sink.openSession(info)).toMatchObject({ lastSeq: 0 })
        await sink.append(events(1, 3))
        await sink.append(events(4, 1))
        await sink.endSession(sessionId, { closes: true })
        expect((await stored(sessionId)).map(({ _seq, raw_json }) => [_seq, raw_json])).toEqual(
          events(1, 3)
            .concat(events(4, 1))
            .map(({ _seq, raw_json }) => [_seq, raw_json]),
        )
      }))

    it('P2: refuses a hole and a number used before, and stores nothing of the batch', () =>
      using(async ({ sink, stored }) => {
        await sink.openSession(info)
        await sink.append(events(1, 2))
        await expect(sink.append(events(4, 1))).rejects.toThrow()
        await expect(sink.append(events(2, 1))).rejects.toThrow()
        await sink.append(events(3, 1))
        expect((await stored(sessionId)).map(({ _seq }) => _seq)).toEqual([1, 2, 3])
      }))

    it('refuses events of a session that is not open', () =>
      using(async ({ sink }) => expect(sink.append(events(1, 1))).rejects.toThrow()))
  })
}
