import { describe, expect, it } from 'vitest'
import { reduceLiveState } from '../../src/live/live-state.ts'
import { emptyLiveState, type LiveOrder } from '../../src/live/state.ts'
import { Tape } from './envelopes.ts'

const player = '{"id":"did:privy:cm1","cash":0.5,"positionQty":0}'

function lastOrder(tape: Tape): LiveOrder | undefined {
  return tape.events.reduce(reduceLiveState, emptyLiveState).orders.at(-1)
}

describe('order life', () => {
  it('is pending when it left', () => {
    const tape = new Tape()
    tape.sent('buyOrder', '{"amount":0.0020}', 29)
    expect(lastOrder(tape)).toMatchObject({ status: 'pending', request: 'buyOrder', amount: { literal: '0.0020' } })
  })

  it('is accepted by its ack, reflected by the player update after it', () => {
    const tape = new Tape()
    const request = tape.sent('buyOrder', '{"amount":0.002}', 29)
    tape.ack(request, '[{"success":true}]')
    expect(lastOrder(tape)?.status).toBe('accepted')
    tape.received('playerUpdate', player)
    expect(lastOrder(tape)?.status).toBe('reflected')
  })

  it('is reflected by the player update before the ack, as the server sends them, when the change is the order’s', () => {
    const tape = new Tape()
    tape.received('playerUpdate', '{"id":"did:privy:cm1","cash":0.5,"positionQty":0.1,"totalInvested":0.1}')
    const request = tape.sent('sellOrder', '{"percentage":17}', 30)
    const other = tape.received('playerUpdate', '{"id":"did:privy:cm1","cash":0.5,"positionQty":0.1,"totalInvested":0.1}')
    const update = tape.received('playerUpdate', '{"id":"did:privy:cm1","cash":0.52,"positionQty":0.083,"totalInvested":0.1}')
    expect(lastOrder(tape)).toMatchObject({ status: 'pending', reflectedAt: update._ts })
    const ack = tape.ack(request, '[{"success":true}]')
    expect(lastOrder(tape)).toMatchObject({
      status: 'reflected',
      reflectedAt: update._ts,
      ackedAt: ack._ts,
      percentage: { literal: '17' },
    })
    expect(other._ts).toBeLessThan(update._ts)
  })

  it('is not reflected by a player update that came for another reason', () => {
    const tape = new Tape()
    tape.received('playerUpdate', '{"id":"did:privy:cm1","cash":0.5,"totalInvested":0}')
    const request = tape.sent('buyOrder', '{"amount":0.002}', 30)
    tape.received('playerUpdate', '{"id":"did:privy:cm1","cash":0.5,"totalInvested":0}')
    tape.ack(request, '[{"success":true}]')
    expect(lastOrder(tape)).toMatchObject({ status: 'accepted', reflectedAt: null })
    const update = tape.received('playerUpdate', '{"id":"did:privy:cm1","cash":0.498,"totalInvested":0.002}')
    expect(lastOrder(tape)).toMatchObject({ status: 'reflected', reflectedAt: update._ts })
  })

  it('is reflected by the player update behind the trade with its trace', () => {
    const tape = new Tape()
    const trace = 'a'.repeat(32)
    const request = { ...tape.sent('buyOrder', '{"amount":0.002}', 30), trace_id: trace }
    tape.events.splice(0, 1, request)
    tape.received('standard/newTrade', '{"id":"t1"}', { trace_id: trace, issues: null })
    const update = tape.received('playerUpdate', player)
    tape.ack(request, '[{"success":true}]')
    expect(lastOrder(tape)).toMatchObject({ status: 'reflected', reflectedAt: update._ts })
  })

  it('is not reflected when the server refuses what looked like its effect', () => {
    const tape = new Tape()
    tape.received('playerUpdate', '{"id":"did:privy:cm1","cash":0.5,"positionQty":0.1}')
    const request = tape.sent('sellOrder', '{"percentage":100}', 30)
    tape.received('playerUpdate', '{"id":"did:privy:cm1","cash":0.501,"positionQty":0}') // the rug was first
    tape.ack(request, '[{"success":false,"error":"NO_POSITION"}]')
    expect(lastOrder(tape)).toMatchObject({ status: 'rejected', reflectedAt: null })
  })

  it.each([
    ['error', '[{"success":false,"error":"Insufficient balance"}]', 'Insufficient balance'],
    ['reason', '[{"success":false,"reason":"too late"}]', 'too late'],
    ['none', '[{"success":false}]', 'refused without a reason'],
  ])('is rejected with the server’s words: %s', (_name, ack, reason) => {
    const tape = new Tape()
    tape.ack(tape.sent('buyOrder', '{"amount":5}', 1), ack)
    expect(lastOrder(tape)).toMatchObject({ status: 'rejected', reason })
  })

  it('P12: is unknown after 2 s without an ack, and a late ack settles it', () => {
    const tape = new Tape()
    const request = tape.sent('requestSidebet', '{"amount":0.001,"coinAddress":"So1","xPayout":5}', 4)
    tape.wait(1_800_000)
    tape.received('newChatMessage', '{"message":"gm"}')
    expect(lastOrder(tape)?.status).toBe('pending')
    tape.wait(200_000)
    tape.received('newChatMessage', '{"message":"gm"}')
    expect(lastOrder(tape)).toMatchObject({ status: 'unknown', reason: expect.stringContaining('check the position') })
    tape.ack(request, '[{"success":true,"message":"Side bet placed"}]')
    expect(lastOrder(tape)?.status).toBe('accepted')
  })

  it('P12: is unknown when the connection goes before the ack', () => {
    const tape = new Tape()
    tape.sent('buyOrder', '{"amount":0.002}', 29)
    tape.system('disconnect', { reason: 'transport close' })
    expect(lastOrder(tape)?.status).toBe('unknown')
  })

  it('an ack of another session’s request with the same number changes nothing', () => {
    const tape = new Tape()
    const request = tape.sent('buyOrder', '{"amount":0.002}', 29)
    const ack = { ...tape.ack(request, '[{"success":true}]'), _session_id: '019b0000-0000-7000-8000-00000000ffff' }
    const state = [request, ack].reduce(reduceLiveState, emptyLiveState)
    expect(state.orders.at(-1)?.status).toBe('pending')
  })

  it('a request somebody else sent is no order', () => {
    const tape = new Tape()
    tape.received('buyOrder', '{"amount":1}')
    expect(lastOrder(tape)).toBeUndefined()
  })
})
