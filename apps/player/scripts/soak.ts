// Live play for a long time at the real pace: what the page costs, and whether it grows.
// `pnpm --filter @vectra/player soak --minutes 60` prints a table; --speed 4 plays faster, --sample 10 measures every 10 s.
import { parseArgs } from 'node:util'
import type { CDPSession, Page } from 'playwright-core'
import { buildPage, launch, openPage } from '../test/support/browser.ts'
import { openRig } from '../test/support/rig.ts'

/** One measurement. CPU time of one core since the measurement before. */
interface Sample {
  readonly minute: number
  /** Main thread of the page, and what of it was script. */
  readonly taskShare: number
  readonly scriptShare: number
  readonly heapKb: number
  readonly nodes: number
  readonly listeners: number
  /** This process: gateway, recording, simulator and the driver of the browser. */
  readonly serverHeapKb: number
  readonly frames: number
  readonly orders: number
  readonly differences: number
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    speed: { type: 'string', default: '1' },
    sample: { type: 'string', default: '60' },
  },
})
const [minutes, speed, everySeconds] = [Number(values.minutes), Number(values.speed), Number(values.sample)]
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

await using rig = await openRig({ webDir: await buildPage(), simulator: { speed, bots: 20 }, forget: true })
const browser = await launch()
const { page, faults } = await openPage(browser, rig)
const cdp = await page.context().newCDPSession(page)
await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
await page.evaluate(`
  globalThis.differences = 0
  new MutationObserver(() => {
    if (document.querySelector('[data-t=match].bad') !== null) globalThis.differences += 1
  }).observe(document.querySelector('main'), { subtree: true, childList: true, attributes: true })
`)
await page.keyboard.press('e')

const startedAt = performance.now()
const until = startedAt + minutes * 60_000
const playing = play(page)
const samples: Sample[] = []
let last = await metrics(cdp)
console.log(
  `playing ${minutes} min at speed ${speed}, measured every ${everySeconds} s; node ${process.version}, ${browser.version()}`,
)
console.log(row('min', 'main %', 'script %', 'heap kB', 'nodes', 'listeners', 'server kB', 'frames', 'orders', 'differences'))
while (performance.now() < until) {
  await wait(Math.min(everySeconds * 1_000, Math.max(0, until - performance.now())))
  const now = await metrics(cdp)
  const seconds = now.at - last.at
  const sample: Sample = {
    minute: (performance.now() - startedAt) / 60_000,
    taskShare: (now.task - last.task) / seconds,
    scriptShare: (now.script - last.script) / seconds,
    heapKb: now.heap / 1_024,
    nodes: now.nodes,
    listeners: now.listeners,
    serverHeapKb: process.memoryUsage().heapUsed / 1_024,
    frames: rig.simulator.stats().frames,
    orders: rig.simulator.control.requests().length,
    differences: await page.evaluate<number>('globalThis.differences'),
  }
  last = now
  samples.push(sample)
  console.log(
    row(
      sample.minute.toFixed(1),
      (sample.taskShare * 100).toFixed(2),
      (sample.scriptShare * 100).toFixed(2),
      sample.heapKb.toFixed(0),
      sample.nodes,
      sample.listeners,
      sample.serverHeapKb.toFixed(0),
      sample.frames,
      sample.orders,
      sample.differences,
    ),
  )
}
await playing
const mean = (pick: (sample: Sample) => number): number => samples.reduce((sum, sample) => sum + pick(sample), 0) / samples.length
console.log(`
| | |
|---|---|
| played | ${minutes} min, ${samples.at(-1)?.frames ?? 0} frames from the server, ${samples.at(-1)?.orders ?? 0} orders |
| main thread of the page | ${(mean(({ taskShare }) => taskShare) * 100).toFixed(2)} % of one core, script ${(mean(({ scriptShare }) => scriptShare) * 100).toFixed(2)} % |
| heap of the page after a collection | ${samples[0]?.heapKb.toFixed(0)} → ${samples.at(-1)?.heapKb.toFixed(0)} kB, slope ${slope(samples, ({ heapKb }) => heapKb).toFixed(2)} kB a minute |
| elements | ${samples[0]?.nodes} → ${samples.at(-1)?.nodes} |
| heap of the server process | slope ${slope(samples, ({ serverHeapKb }) => serverHeapKb).toFixed(2)} kB a minute |
| differences between page and server | ${samples.at(-1)?.differences ?? 0} |
| faults on the page | ${faults.length}${faults.length > 0 ? `: ${faults.slice(0, 3).join(' | ')}` : ''} |`)
await browser.close()
process.exitCode = faults.length > 0 || (samples.at(-1)?.differences ?? 0) > 0 ? 1 : 0

/** A human who buys, sells parts and bets now and then, by keyboard, until the time is over. */
async function play(at: Page): Promise<void> {
  const keys = ['b', 's', 'd', '2', 's', 'b', '4', 's'] as const
  for (let turn = 0; performance.now() < until - 2_000; turn += 1) {
    await wait(4_000 / speed)
    await at.keyboard.press(keys[turn % keys.length] as string)
    // Looking around: every few minutes another theme, and the help.
    if (turn % 60 === 59) await at.keyboard.press('t')
    if (turn % 90 === 89) {
      await at.keyboard.press('?')
      await wait(500)
      await at.keyboard.press('Escape')
      await wait(200)
      if (!rig.orders.control.status().armed) await at.keyboard.press('e')
    }
  }
}

async function metrics(
  session: CDPSession,
): Promise<{ at: number; task: number; script: number; heap: number; nodes: number; listeners: number }> {
  await session.send('HeapProfiler.collectGarbage')
  const list = (await session.send('Performance.getMetrics')).metrics
  const of = (name: string): number => list.find((metric) => metric.name === name)?.value ?? 0
  return {
    at: of('Timestamp'),
    task: of('TaskDuration'),
    script: of('ScriptDuration'),
    heap: of('JSHeapUsedSize'),
    nodes: of('Nodes'),
    listeners: of('JSEventListeners'),
  }
}

/** Change a minute, least squares; the first fifth is warming up. */
function slope(all: readonly Sample[], pick: (sample: Sample) => number): number {
  const settled = all.slice(Math.floor(all.length / 5))
  const [x, y] = [settled.map(({ minute }) => minute), settled.map(pick)]
  const average = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / Math.max(1, list.length)
  const [mx, my] = [average(x), average(y)]
  const over = x.reduce((sum, value, index) => sum + (value - mx) * ((y[index] ?? 0) - my), 0)
  const under = x.reduce((sum, value) => sum + (value - mx) ** 2, 0)
  return under === 0 ? 0 : over / under
}

function row(...cells: readonly (string | number)[]): string {
  return cells.map((cell) => String(cell).padStart(11)).join('')
}
