import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SeenWindow } from '../../src/sources/seen-window.ts'

describe('SeenWindow', () => {
  it('lets each event through exactly once, whatever the interleaving, as long as somebody delivers it', () => {
    const feed = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 30 })
    fc.assert(
      fc.property(feed, fc.infiniteStream(fc.nat(1)), (events, choices) => {
        // Both members deliver the whole feed, each in order, mixed at random: repetitions in it must survive.
        const seen = new SeenWindow(2, 1_000, 0)
        const at = [0, 0]
        const out: string[] = []
        while ((at[0] ?? 0) < events.length || (at[1] ?? 0) < events.length) {
          const wanted = choices.next().value as number
          const member = (at[wanted] ?? 0) < events.length ? wanted : 1 - wanted
          const text = events[at[member] ?? 0] ?? ''
          at[member] = (at[member] ?? 0) + 1
          if (seen.deliver(member, text, 0)) out.push(text)
        }
        const count = (texts: readonly string[]): Record<string, number> =>
          Object.fromEntries(
            Object.entries(Object.groupBy(texts, (text) => text)).map(([text, same]) => [text, same?.length ?? 0]),
          )
        expect(count(out)).toEqual(count(events))
        expect(seen.missed).toEqual([0, 0])
      }),
    )
  })

  it('misses nothing that one of two members missed, and says who missed how much', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('both', 'first', 'second'), { maxLength: 50 }), (deliveries) => {
        const seen = new SeenWindow(2, 1_000, 0)
        let through = 0
        for (const [index, who] of deliveries.entries()) {
          if (who !== 'second' && seen.deliver(0, `event ${index}`, index)) through += 1
          if (who !== 'first' && seen.deliver(1, `event ${index}`, index)) through += 1
        }
        seen.settle()
        expect(through).toBe(deliveries.length)
        expect(seen.missed).toEqual([
          deliveries.filter((who) => who === 'second').length,
          deliveries.filter((who) => who === 'first').length,
        ])
      }),
    )
  })

  it('forgets after two windows, so that memory is bounded', () => {
    const seen = new SeenWindow(2, 100, 0)
    for (let n = 0; n < 1_000; n++) seen.deliver(0, `event ${n}`, n)
    expect(seen.size).toBeLessThanOrEqual(200)
    expect(seen.missed[1]).toBeGreaterThanOrEqual(800)
    expect(seen.deliver(1, 'event 999', 1_000)).toBe(false)
    expect(seen.deliver(1, 'event 1', 1_000)).toBe(true)
  })
})
