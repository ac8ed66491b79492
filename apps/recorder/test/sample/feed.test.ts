import { createGameCollector, verifyGame } from '@vectra/game'
import { decodeEvent, type Phase, phaseOf } from '@vectra/schemas'
import { expect, it } from 'vitest'
import { sampleFeed } from '../../src/sample/feed.ts'

const START = 1_770_365_059_440_000
const frames = [...sampleFeed({ seed: 'test', startAt: START })]
const events = frames.map(({ text }) => {
  const [name, ...args]: unknown[] = JSON.parse(text.slice(2))
  return { name: String(name), args }
})
const states = events.filter(({ name }) => name === 'gameStateUpdate').map(({ args }) => args[0] as Record<string, unknown>)

it('the same seed and start give the same bytes, another seed gives others', () => {
  expect([...sampleFeed({ seed: 'test', startAt: START })]).toEqual(frames)
  expect([...sampleFeed({ seed: 'other', startAt: START })][0]?.text).not.toBe(frames[0]?.text)
})

it('every frame is an event frame that fits its schema, and time never steps back', () => {
  expect(frames.length).toBeGreaterThan(300)
  for (const [index, { text, at }] of frames.entries()) {
    expect(text.startsWith('42["')).toBe(true)
    expect(at).toBeGreaterThanOrEqual(frames[index - 1]?.at ?? START)
  }
  for (const { name, args } of events) expect(decodeEvent(name, args)).toMatchObject({ ok: true, event: { known: true } })
})

it('two games run through every phase in order', () => {
  const phases: [string, Phase][] = []
  for (const state of states) {
    const phase = phaseOf(state)
    expect(phase).toBeDefined()
    const step: [string, Phase] = [String(state.gameId), phase ?? 'cooldown']
    if (phases.at(-1)?.join() !== step.join()) phases.push(step)
  }
  const [first = '', second = '', third = ''] = [...new Set(states.map((state) => String(state.gameId)))]
  const round = (id: string): [string, Phase][] => [
    [id, 'cooldown'],
    [id, 'presale'],
    [id, 'active'],
    [id, 'rugged'],
  ]
  expect(phases).toEqual([...round(first), ...round(second), [third, 'cooldown']])
})

it('trades of every kind of player are heard, traced, at the price of their tick', () => {
  const trades = events.filter(({ name }) => name === 'standard/newTrade')
  expect(trades.length).toBeGreaterThan(20)
  const payloads = trades.map(({ args }) => args[1] as Record<string, unknown>)
  expect(new Set(payloads.map(({ type }) => type))).toEqual(new Set(['buy', 'sell']))
  expect(payloads.some(({ tickIndex, price }) => tickIndex === 0 && price === 1)).toBe(true)
  expect(payloads.some(({ username }) => username === null)).toBe(true)
  expect(events.some(({ name }) => name === 'newChatMessage')).toBe(true)
})

it('both games verify from the seed that the next full frame reveals', () => {
  const collector = createGameCollector()
  for (const state of states) collector.add(state)
  const played = new Set(states.filter(({ rugged }) => rugged === true).map(({ gameId }) => gameId))
  expect(played.size).toBe(2)
  for (const game of collector.games().filter(({ gameId }) => played.has(gameId))) {
    expect(verifyGame(game)).toMatchObject({ verdict: 'fair' })
  }
})

it('the second rug frame is a tick too high and does not know its own game', () => {
  const rugs = states.filter(({ rugged }) => rugged === true)
  expect(rugs).toHaveLength(4)
  const [first, second] = rugs
  expect(second?.tickCount).toBe(Number(first?.tickCount) + 1)
  expect((second?.gameHistory as { id: string }[] | undefined)?.map(({ id }) => id)).not.toContain(first?.gameId)
})
