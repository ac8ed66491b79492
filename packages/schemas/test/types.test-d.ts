import { describe, expectTypeOf, it } from 'vitest'
import type { z } from 'zod'
import {
  type AckPayload,
  type BuyOrder,
  type Decimal,
  type DecodedEvent,
  decimal,
  decodeAck,
  decodeEvent,
  EVENTS,
  type EventName,
  type EventPayload,
  exactView,
  type GameStateUpdate,
  type gameStateUpdateSchema,
  type NewTrade,
  type OrderAck,
  type Phase,
  phaseOf,
  type RawEvent,
  type SchemaIssue,
  type SystemEventName,
  type SystemEventPayload,
} from '../src/index.ts'

describe('decodeEvent', () => {
  const result = decodeEvent('standard/newTrade', [])

  it('narrows by ok, known and name', () => {
    if (!result.ok) {
      expectTypeOf(result.issues).toEqualTypeOf<readonly SchemaIssue[]>()
      expectTypeOf(result.raw).toEqualTypeOf<RawEvent>()
      expectTypeOf(result.raw.payload).toBeUnknown()
      return
    }
    const { event } = result
    expectTypeOf(event).toEqualTypeOf<DecodedEvent>()
    expectTypeOf(event.gameId).toEqualTypeOf<string | null>()
    expectTypeOf(event.payload).toBeUnknown()
    if (event.known && event.name === 'standard/newTrade') expectTypeOf(event.payload).toEqualTypeOf<NewTrade | null>()
    if (event.known && event.name === 'gameStateUpdate') expectTypeOf(event.payload).toEqualTypeOf<GameStateUpdate | null>()
    if (!event.known) expectTypeOf(event.name).toEqualTypeOf<string>()
  })

  it('narrows acks', () => {
    const ack = decodeAck('buyOrder', [])
    if (ack.ok && ack.event.known && ack.event.name === 'ack:buyOrder')
      expectTypeOf(ack.event.payload).toEqualTypeOf<OrderAck | null>()
  })
})

describe('payload types', () => {
  it('are those of the schemas, by name', () => {
    expectTypeOf<EventPayload<'gameStateUpdate'>>().toEqualTypeOf<GameStateUpdate>()
    expectTypeOf<EventPayload<'buyOrder'>>().toEqualTypeOf<BuyOrder>()
    expectTypeOf<AckPayload<'sellOrder'>>().toEqualTypeOf<OrderAck>()
    expectTypeOf<'newSideBet'>().toExtend<EventName>()
    expectTypeOf<'nonsense'>().not.toExtend<EventName>()
    expectTypeOf(EVENTS['standard/newTrade'].name).toEqualTypeOf<'standard/newTrade'>()
    expectTypeOf<'gap'>().toExtend<SystemEventName>()
    expectTypeOf<SystemEventPayload<'connect'>>().toExtend<{ socketId?: string | null | undefined } | null>()
  })

  it('leave absent fields absent: optional, never defaulted', () => {
    expectTypeOf<GameStateUpdate['gameId']>().toEqualTypeOf<string>()
    expectTypeOf<GameStateUpdate['price']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<GameStateUpdate['prices']>().toEqualTypeOf<number[] | undefined>()
    expectTypeOf<NewTrade['amount']>().toEqualTypeOf<number>()
    expectTypeOf<NewTrade['price']>().toEqualTypeOf<number | null | undefined>()
  })

  it('are the same going in and coming out: the wire form is the stored form', () => {
    expectTypeOf<z.input<typeof gameStateUpdateSchema>>().toEqualTypeOf<z.output<typeof gameStateUpdateSchema>>()
  })

  it('let unknown keys through as unknown', () => {
    expectTypeOf<GameStateUpdate['brandNew']>().toBeUnknown()
  })
})

describe('numbers', () => {
  it('are Decimal in memory, number or text on the wire', () => {
    expectTypeOf<z.output<typeof decimal>>().toEqualTypeOf<Decimal>()
    expectTypeOf<z.input<typeof decimal>>().toEqualTypeOf<number | string>()
    expectTypeOf(exactView('', null, null).decimal).returns.toEqualTypeOf<Decimal | undefined>()
    expectTypeOf(decimal.encode).returns.toEqualTypeOf<number | string>()
  })
})

describe('phaseOf', () => {
  it('may not know', () => expectTypeOf(phaseOf).returns.toEqualTypeOf<Phase | undefined>())
})
