import { openQuery } from '@vectra/event-store'
import { startPlayer } from '../src/index.ts'
import { buildPage, chromiumPath, launch } from '../test/support/browser.ts'
import { captures, dataDirectory, importCaptures } from '../test/support/recorded.ts'

// Scrubbing a recorded game: pictures a second while the playhead moves with every picture, beside an empty page in the same browser.

const QUICK = process.argv.includes('--quick')
const PICTURES = QUICK ? 60 : 600

/** Moves the playhead at every picture, and tells the time from each to the next. */
const SCRUB = (pictures: number): string => `new Promise((resolve) => {
  const bar = document.querySelector('[data-t=scrub]')
  const last = bar === null ? 0 : Number(bar.max)
  const times = []
  let before = performance.now()
  let number = 0
  const step = () => {
    const now = performance.now()
    times.push(now - before)
    before = now
    number += 1
    if (bar !== null) {
      bar.value = String((number * 37) % (last + 1))
      bar.dispatchEvent(new Event('input', { bubbles: true }))
    }
    if (number < ${pictures}) requestAnimationFrame(step)
    else resolve(times.slice(1))
  }
  requestAnimationFrame(step)
})`

function row(name: string, ticks: number, times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1)
  const rate = (times.length / times.reduce((sum, time) => sum + time, 0)) * 1_000
  return `| ${name} | ${ticks} | ${rate.toFixed(1)} | ${at(0.5)} | ${at(0.99)} | ${sorted.at(-1)?.toFixed(1) ?? ''} |`
}

if (chromiumPath === null || captures === null) {
  process.stdout.write('SKIPPED: this bench needs Chromium (scripts/setup-chromium.sh) and captures (VECTRA_CAPTURES)\n')
} else {
  using data = dataDirectory()
  await importCaptures(data.path, captures, QUICK ? 5 : 60)
  let longest = { gameId: '', ticks: 0 }
  {
    await using query = await openQuery({ dir: data.path })
    for await (const game of query.games()) if (game.ticks > longest.ticks) longest = game
  }
  const webDir = await buildPage()
  const browser = await launch()
  await using player = await startPlayer({ mode: 'serve', dataDir: data.path, webDir })
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.goto(player.url)
  await page.waitForSelector('nav')
  await page.evaluate(`location.hash = '#/replay/${longest.gameId}'`)
  await page.waitForSelector('[data-t=scrub]')
  const scrubbed = (await page.evaluate(SCRUB(PICTURES))) as number[]
  const empty = await browser.newPage()
  await empty.goto('about:blank')
  const idle = (await empty.evaluate(SCRUB(PICTURES))) as number[]
  await browser.close()
  process.stdout.write(
    [
      '| page | ticks of the game | pictures/s | median ms | p99 ms | longest ms |',
      '| --- | --- | --- | --- | --- | --- |',
      row('an empty page', 0, idle),
      row('Replay, playhead moved at every picture', longest.ticks, scrubbed),
      '',
    ].join('\n'),
  )
}
