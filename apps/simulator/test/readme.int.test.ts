import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { expect, it } from 'vitest'

/** Runs each ```ts block of the README and compares what it prints with the comments behind its `console.log` lines. */
it('the README quickstart prints what it says', async () => {
  const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const blocks = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? '')
  expect(blocks).toHaveLength(1)
  for (const block of blocks) {
    const expected = [...block.matchAll(/^console\.log\(.*\/\/ (.*)$/gm)].map((match) => match[1])
    const printed: string[] = []
    const body = block
      .replace("from '@vectra/simulator'", `from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}`)
      .replaceAll(/^import (\{.*\}) from (.*)$/gm, 'const $1 = await load($2)')
    const run = new Function('console', 'load', `return (async () => {${body}})()`)
    await run(
      { log: (value: unknown) => printed.push(typeof value === 'string' ? value : inspect(value)) },
      (name: string) => import(/* @vite-ignore */ name.replaceAll("'", '')),
    )
    expect(printed).toEqual(expected)
  }
})
