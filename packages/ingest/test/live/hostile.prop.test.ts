import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type LiveState, liveState, type ReplayRecord, replayEvents, systemClock, systemRandom } from '../../src/index.ts'
import { hostile } from '../support/hostile-frames.ts'

const literal = fc.constantFrom(
  ...['1e99999999999999999999', '-1e-99999999999999999999', '1e400', '1e-9999', '-0', '1E+5', '0.1234567890123456789'],
  ...['123456789012345678901234567890', '"0.01"', '"x"', '"\\ud800"', 'null', 'true', '[]', '[1]', '{}', '{"id":1}'],
)
const NAMES = ['buyOrder', 'sellOrder', 'requestSidebet', 'playerUpdate', 'usernameStatus', 'standard/newTrade', 'currentSidebet']
const KEYS = [
  'id',
  'cash',
  'positionQty',
  'totalInvested',
  'sideBet',
  'amount',
  'percentage',
  'success',
  'error',
  'price',
  '__proto__',
]
const members = fc
  .array(fc.tuple(fc.constantFrom(...KEYS), literal), { maxLength: 6 })
  .map((all) => `{${[...all, ['id', '"p"']].map(([key, text]) => `"${key}":${text}`).join(',')}}`)
const value = fc.oneof({ weight: 3, arbitrary: members }, { weight: 1, arbitrary: literal })
const event = fc
  .tuple(fc.constantFrom('', '0', '1', '2'), fc.constantFrom(...NAMES), fc.array(value, { maxLength: 3 }))
  .map(([id, name, args]) => `42${id}[${[JSON.stringify(name), ...args].join(',')}]`)
const ack = fc.tuple(fc.nat(2), fc.array(value, { maxLength: 2 })).map(([id, args]) => `43${id}[${args.join(',')}]`)
const state = fc
  .tuple(fc.boolean(), fc.boolean(), literal, literal, literal)
  .map(
    ([active, rugged, tick, price, other]) =>
      `42["gameStateUpdate",{"gameId":"20251212-6114b2ff44ef4b71","active":${active},"rugged":${rugged},"price":${price},"tickCount":${tick},"cooldownTimer":0,"prices":[1,${other},${price}],"partialPrices":{"startTick":0,"endTick":2,"values":{"0":1,"1":${other}}}}]`,
  )
const frames = fc.array(
  fc.record({ text: fc.oneof(event, ack, state, hostile), direction: fc.constantFrom('sent' as const, 'received' as const) }),
  { maxLength: 40 },
)

it('nothing a server, a browser or a bug sends makes the live state throw, or grow without bounds', async () => {
  const clock = systemClock()
  const random = systemRandom()
  let orders = 0
  await fc.assert(
    fc.asyncProperty(frames, async (all) => {
      const records: ReplayRecord[] = all.map((frame, index) => ({ ...frame, at: 1_765_577_802_000_000 + index * 1_000 }))
      let last: LiveState | null = null
      for await (const { state } of liveState(replayEvents(records, { clock, random, speed: 'max', times: 'recorded' })))
        last = state
      orders += last?.orders.length ?? 0
      expect(last?.game?.path.length ?? 0).toBeLessThanOrEqual(5_001)
    }),
    { numRuns: 500 },
  )
  expect(orders).toBeGreaterThan(100)
})
