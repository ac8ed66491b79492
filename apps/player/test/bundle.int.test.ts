import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { buildPage } from './support/browser.ts'

/** What Live may cost on the wire: scripts and styles that `index.html` loads, compressed. */
const BUDGET_KB = 130

it(`Live is at most ${BUDGET_KB} kB, compressed; nothing in the page points elsewhere`, async () => {
  const dir = await buildPage()
  const html = readFileSync(`${dir}index.html`, 'utf8')
  const loaded = new Set([...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, path]) => path ?? ''))
  // What an entry imports statically is loaded with it.
  for (const path of loaded) {
    if (!path.endsWith('.js')) continue
    for (const [, name] of readFileSync(`${dir}${path}`, 'utf8').matchAll(/(?:from|import)"\.\/([\w.-]+\.js)"/g))
      loaded.add(`assets/${name}`)
  }
  const sizes = [...loaded].map((path) => [path, gzipSync(readFileSync(`${dir}${path}`), { level: 9 }).length / 1_000] as const)
  const total = sizes.reduce((sum, [, size]) => sum + size, 0)
  process.stderr.write(
    `Live: ${total.toFixed(1)} kB compressed (${sizes.map(([path, size]) => `${path} ${size.toFixed(1)}`).join(', ')})\n`,
  )
  expect(sizes.length).toBeGreaterThanOrEqual(2)
  expect(total).toBeLessThanOrEqual(BUDGET_KB)
  expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
  expect(html).not.toMatch(/<style|style="|<script(?![^>]*src=)/)
  for (const name of readdirSync(`${dir}assets`).filter((file) => file.endsWith('.css')))
    expect(readFileSync(`${dir}assets/${name}`, 'utf8')).not.toMatch(/url\((?!"?data:)|@import/)
})
