import { createPipeline, type EventSink, systemClock, systemRandom } from '@vectra/ingest'
import type { EventEnvelope } from '@vectra/schemas'
import { expect, it } from 'vitest'
import { humanActions } from '../../src/gateway/human-actions.ts'

it('what the human did, and what became of it, are rows of source ui, tied by the order’s id', async () => {
  const rows: EventEnvelope[] = []
  const sink: EventSink = {
    openSession: async () => ({ lastSeq: 0 }),
    append: async (batch) => void rows.push(...batch),
    endSession: async () => undefined,
  }
  const [clock, random] = [systemClock(), systemRandom()]
  const actions = humanActions(clock)
  const stop = new AbortController()
  const running = createPipeline({ source: actions.source, sink, clock, random }).run(stop.signal)
  const request = {
    id: '01900000-0000-7000-8000-000000000001',
    kind: 'buy',
    amount: '0.100000000',
    shown: { gameId: 'g', tick: 3, price: '1.10' },
    clientTime: 5,
  } as const
  actions.action({ request, control: 'key-b' })
  actions.order({
    id: request.id,
    request,
    phase: 'unknown',
    sentAt: 7,
    acceptedAt: null,
    reflectedAt: null,
    code: 'no_answer',
    reason: 'no answer in 2000 ms',
    ackValue: undefined,
  })
  await expect.poll(() => rows.length).toBeGreaterThanOrEqual(3)
  stop.abort()
  expect(await running).toMatchObject({ closes: true, issues: 0 })
  const own = rows.filter(({ event_name }) => event_name.startsWith('ui_'))
  expect(own).toMatchObject([
    {
      event_name: 'ui_action',
      _source: 'ui',
      doc_type: 'system_event',
      _game_id: 'g',
      payload: { id: request.id, control: 'key-b', kind: 'buy', amount: '0.100000000', shown_price: '1.10', client_time: 5 },
    },
    { event_name: 'ui_order', _source: 'ui', payload: { id: request.id, phase: 'unknown', sent_at: 7, code: 'no_answer' } },
  ])
})
