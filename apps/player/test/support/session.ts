import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { PLAYER_TOKEN, type Rig } from './rig.ts'

/** How the human acts. */
export type Hand = 'mouse' | 'keyboard'

/** What the human does, by mouse or by keys alone. */
export interface Human {
  arm(): Promise<void>
  amount(text: string): Promise<void>
  buy(): Promise<void>
  sell(percentage: 10 | 25 | 50 | 100): Promise<void>
  sidebet(): Promise<void>
}

const KEYS = { 10: '1', 25: '2', 50: '3', 100: '4' } as const

/** A human at this page. */
export function human(page: Page, hand: Hand): Human {
  const armed = (): Promise<void> => expect.poll(() => textOf(page, 'arm')).toContain('Armed')
  if (hand === 'mouse')
    return {
      arm: () => page.click('[data-t=arm]').then(armed),
      amount: (text) => page.fill('[data-t=amount]', text),
      buy: () => page.click('[data-t=buy]'),
      async sell(percentage) {
        await page.click(`[data-t=percent-${percentage}]`)
        await page.click('[data-t=sell]')
      },
      sidebet: () => page.click('[data-t=sidebet-button]'),
    }
  return {
    arm: () => page.keyboard.press('e').then(armed),
    async amount(text) {
      await page.keyboard.press('a')
      await page.keyboard.type(text)
      await page.keyboard.press('Enter')
    },
    buy: () => page.keyboard.press('b'),
    async sell(percentage) {
      await page.keyboard.press(KEYS[percentage])
      await page.keyboard.press('s')
    },
    sidebet: () => page.keyboard.press('d'),
  }
}

/** Text of an element found by its test name. */
export async function textOf(page: Page, name: string): Promise<string> {
  return (await page.textContent(`[data-t="${name}"]`)) ?? ''
}

/** Waits until the page shows the moment at which the (paused) game stands. */
export async function synced(page: Page, rig: Rig): Promise<void> {
  const { tick, phase } = rig.simulator.control.state()
  const words = { cooldown: 'Settlement', presale: 'Presale', active: 'Running', rugged: 'Rugged' } as const
  await expect.poll(() => textOf(page, 'phase')).toBe(words[phase])
  if (phase === 'active') await expect.poll(() => textOf(page, 'tick')).toBe(`tick ${tick}`)
}

/** The page's account is the server's own, digit for digit. The game has to be paused. */
export async function agrees(page: Page, rig: Rig): Promise<void> {
  const { cash, positionQty } = rig.simulator.control.player(PLAYER_TOKEN)
  await expect.poll(() => textOf(page, 'cash')).toBe(cash)
  await expect.poll(() => textOf(page, 'positionQty')).toBe(positionQty)
  await expect.poll(() => differences(page, rig)).toEqual([])
  await expect.poll(() => textOf(page, 'match')).toContain('matches server')
}

/** Fields whose text on the page is not the one of the last `playerUpdate` that was recorded; both may still be on their way. */
async function differences(page: Page, rig: Rig): Promise<string[]> {
  const shown = await page.$$eval('[data-server]', (elements) =>
    elements.map((element) => [element.getAttribute('data-server') ?? '', element.textContent ?? ''] as const),
  )
  if (shown.length < 7) return [`the page shows ${shown.length} fields`]
  const account = lastAccount(rig)
  return shown.flatMap(([field, text]) =>
    account[field] === text ? [] : [`${field}: page ${text}, server ${account[field] ?? 'nothing'}`],
  )
}

/** Digits of the last `playerUpdate` that was recorded, by field. */
function lastAccount(rig: Rig): Record<string, string> {
  const text = rig.recorded.findLast(({ event_name }) => event_name === 'playerUpdate')?.raw_json ?? ''
  return Object.fromEntries(
    [...text.matchAll(/"(\w+)":(-?\d[\d.eE+-]*)/g)].map(([, field = '', digits = '']) => [field, unfolded(digits)]),
  )
}

/** Without an exponent, digits unchanged. */
function unfolded(digits: string): string {
  const match = /^(-?)(\d)(?:\.(\d+))?e-(\d+)$/i.exec(digits)
  if (match === null) return digits
  const [, sign = '', first = '', rest = '', places = '0'] = match
  return `${sign}0.${'0'.repeat(Number(places) - 1)}${first}${rest}`
}

/** Waits until the order that makes so many has this phase on the page, then checks the account. */
export async function settles(page: Page, rig: Rig, count: number, phase = 'reflected'): Promise<void> {
  await expect.poll(() => rig.actions.length).toBe(count)
  const line = page.locator(`[data-t=order][data-id="${rig.actions.at(-1)?.request.id}"]`)
  await expect.poll(() => line.getAttribute('data-phase')).toBe(phase)
  await agrees(page, rig)
}
