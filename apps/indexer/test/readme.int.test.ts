import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from './sample.ts'

it('the code of the README runs', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const block = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const file = join(import.meta.dirname, `.readme-${process.pid}.ts`)
  onTestFinished(() => rmSync(file, { force: true }))
  const code = block.replaceAll("'@vectra/indexer'", "'../src/index.ts'").replace('console.log(', 'printed.push(')
  const [first = '', ...rest] = code.split('\n')
  const dataDir = JSON.stringify(join(temporaryFolder(), 'data'))
  writeFileSync(file, `${first}\nexport const printed: unknown[] = []\nconst dataDir = ${dataDir}\n${rest.join('\n')}`)
  const { printed } = (await import(file)) as { printed: unknown[] }
  expect(printed).toEqual(['Why Decimal for prices', 'ada'])
})
