import { expect, it } from 'vitest'
import { createPipeline, type SourceItem } from '../src/index.ts'
import { ListSource } from './support/list-source.ts'
import { fixedRandom, ManualClock } from './support/manual-clock.ts'
import { MemorySink } from './support/memory-sink.ts'

const ANN = 'did:privy:cm3xannannannannannannann'
const received = (text: string, connection = 'a'): SourceItem => ({
  kind: 'frame',
  frame: { text, direction: 'received', at: 1_000_000, connection },
})
const sent = (text: string, connection = 'a'): SourceItem => ({
  kind: 'frame',
  frame: { text, direction: 'sent', at: 1_000_000, connection },
})

async function players(items: SourceItem[]): Promise<[string, string | null | undefined][]> {
  const sink = new MemorySink()
  await createPipeline({ source: new ListSource(items), sink, clock: new ManualClock(), random: fixedRandom() }).run()
  return sink.events.filter(({ packet }) => packet !== '').map(({ event_name, _player_id }) => [event_name, _player_id ?? null])
}

it('who logged in owns what they send, its acks and what is said to them alone; the public feed is nobody’s', async () => {
  expect(
    await players([
      sent('42["chatHistory"]'),
      received('42["gameStateUpdate",{"gameId":"20251212-6114b2ff44ef4b71"}]'),
      received(`42["usernameStatus",{"__trace":true,"traceparent":"00-a-b-01"},{"id":"${ANN}","username":"ann"}]`),
      received('42["gameStateUpdate",{"gameId":"20251212-6114b2ff44ef4b71"}]'),
      received('42["standard/newTrade",{"playerId":"did:privy:other"}]'),
      received('42["gameStatePlayerUpdate",{"gameId":"20251212-6114b2ff44ef4b71"}]'),
      sent('420["buyOrder",{"amount":0.002}]'),
      received('430[{"success":true}]'),
    ]),
  ).toEqual([
    ['chatHistory', null],
    ['gameStateUpdate', null],
    ['usernameStatus', ANN],
    ['gameStateUpdate', null],
    ['standard/newTrade', null],
    ['gameStatePlayerUpdate', ANN],
    ['buyOrder', ANN],
    ['ack:buyOrder', ANN],
  ])
})

it('a socket that was open before us is told by its account state; a new connection starts without a player', async () => {
  expect(
    await players([
      received(`42["playerUpdate",{"id":"${ANN}","cash":1.5}]`),
      sent('420["sellOrder",{"percentage":50}]'),
      { kind: 'status', status: { kind: 'disconnect', connection: 'a', reason: 'kicked' }, at: 1_000_001 },
      sent('420["buyOrder",{"amount":0.002}]', 'b'),
    ]),
  ).toEqual([
    ['playerUpdate', ANN],
    ['sellOrder', ANN],
    ['buyOrder', null],
  ])
})
