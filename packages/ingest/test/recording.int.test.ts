import { describe, expect, it } from 'vitest'
import { importFile, publicWsSource, replayRecords, serveReplay, systemClock, systemRandom } from '../src/index.ts'
import { captures, captureText } from './support/captures.ts'
import { record } from './support/record.ts'

const clock = systemClock()
const random = systemRandom()

describe.skipIf(captures === null)('a capture served over Socket.IO and recorded again', () => {
  it('P3: 553 of 553 events of public-2025-12-12.jsonl at speed max, byte for byte', async () => {
    const name = 'public-2025-12-12.jsonl'
    const capture = await importFile({ name, content: captureText(name) })
    await using server = await serveReplay({ records: replayRecords(capture), clock, speed: 'max' })
    const source = publicWsSource({ url: server.url, clock, random, onServerDisconnect: 'end' })
    const { sink, summary } = await record(source)
    await server.done

    const sent: string[] = []
    for await (const item of capture.items(new AbortController().signal))
      if (item.kind === 'frame') sent.push(String(item.frame.text))
    const events = sink.frames().filter((frame) => frame.text.startsWith('42'))
    expect(sent).toHaveLength(553)
    expect(events.map((frame) => frame.text)).toEqual(sent)
    expect(server.sent).toBe(553)
    expect(
      sink
        .frames()
        .filter((frame) => frame.direction === 'sent')
        .map((frame) => frame.text),
    ).toEqual(['40'])
    expect(summary).toMatchObject({ reason: 'source_ended', closes: true, issues: 0, gaps: 0, unstored: 0 })
    expect(sink.system('connect')).toHaveLength(1)
    expect(sink.system('disconnect')).toHaveLength(1)
  })
})
