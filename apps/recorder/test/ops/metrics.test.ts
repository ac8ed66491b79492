import { expect, it } from 'vitest'
import type { AckedRows } from '../../src/ops/durable-rows.ts'
import { RecorderMetrics } from '../../src/ops/metrics.ts'

const rows: AckedRows = {
  session: 's',
  source: 'public_ws',
  seconds: 0.003,
  events: new Map([['gameStateUpdate', 5]]),
  gaps: [{ cause: 'stale', missing: 7 }],
  disconnects: ['transport close'],
  issues: ['frame_json'],
  firstFrameAt: 1_000_000,
  lastFrameAt: 2_500_000,
  orders: { acks: [], reflections: [] },
}
const nothing = { status: null, store: null, files: new Map(), diskFreeBytes: null }

async function values(metrics: RecorderMetrics): Promise<Map<string, number>> {
  const text = await metrics.text()
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )
}

it('counts what became durable, under the agreed names', async () => {
  const metrics = new RecorderMetrics(() => ({
    ...nothing,
    files: new Map([['ws_event', { files: 3, bytes: 900 }]]),
    diskFreeBytes: 5,
  }))
  metrics.acked(rows)
  metrics.acked({ ...rows, events: new Map([['a"b\n', 1]]), gaps: [], disconnects: [], issues: [], lastFrameAt: null })
  metrics.acked({ ...rows, events: new Map(), gaps: [], orders: { acks: [0.2, 0.4], reflections: [0.3] } })
  metrics.flushed({ durationMs: 40, files: 3, bytes: 9 })
  metrics.compacted({ outcome: 'done', removed: 12, durationMs: 700 })
  const now = await values(metrics)
  expect(Object.fromEntries([...now].filter(([name]) => !/_bucket|^(process|nodejs)_|_sum/.test(name)))).toMatchObject({
    'vectra_events_total{source="public_ws",event="gameStateUpdate"}': 5,
    'vectra_events_total{source="public_ws",event="a\\"b\\n"}': 1,
    'vectra_gaps_total{source="public_ws",cause="stale"}': 1,
    'vectra_gap_ticks_total{source="public_ws"}': 7,
    'vectra_source_reconnects_total{source="public_ws",reason="transport close"}': 2,
    'vectra_decode_errors_total{source="public_ws",kind="frame_json"}': 2,
    'vectra_last_event_timestamp_seconds{source="public_ws"}': 2.5,
    vectra_flush_seconds_count: 1,
    vectra_ack_seconds_count: 3,
    vectra_order_ack_seconds_count: 2,
    vectra_order_reflect_seconds_count: 1,
    'vectra_compactions_total{outcome="done"}': 1,
    vectra_compaction_replaced_files_total: 12,
    'vectra_partition_files{doc_type="ws_event"}': 3,
    'vectra_partition_bytes{doc_type="ws_event"}': 900,
    vectra_disk_free_bytes: 5,
  })
  expect(now.get('vectra_order_ack_seconds_sum')).toBeCloseTo(0.6)
  expect(now.get('process_resident_memory_bytes')).toBeGreaterThan(0)
  expect(now.get('process_open_fds')).toBeGreaterThan(0)
})

it('a server that makes names up fills no time-series database: the rest is (other)', async () => {
  const metrics = new RecorderMetrics(() => nothing)
  for (let index = 0; index < 1_000; index += 1) metrics.acked({ ...rows, events: new Map([[`made-up-${index}`, 1]]) })
  const events = [...(await values(metrics))].filter(([name]) => name.startsWith('vectra_events_total'))
  expect(events).toHaveLength(201)
  expect(events.reduce((sum, [, value]) => sum + value, 0)).toBe(1_000)
})

it('asking twice counts nothing twice', async () => {
  const store = {
    acked: 9,
    buffered: 0,
    pendingBytes: 4,
    segmentsPending: 1,
    segmentsPublished: 2,
    partsWritten: 6,
    partBytes: 70,
    rowsByDocType: { ws_event: 9 },
    bytesByDocType: { ws_event: 60, game_tick: 10 },
    refused: 2,
  }
  const metrics = new RecorderMetrics(() => ({ ...nothing, store }))
  await metrics.text()
  const now = await values(metrics)
  expect(now.get('vectra_parts_written_total')).toBe(6)
  expect(now.get('vectra_bytes_written_total{doc_type="ws_event"}')).toBe(60)
  expect(now.get('vectra_refused_events_total')).toBe(2)
  expect(now.get('vectra_rows_written_total{doc_type="ws_event"}')).toBe(9)
  expect(now.get('vectra_journal_bytes')).toBe(4)
})
