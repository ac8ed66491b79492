import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from './temporary-folder.ts'

it('the code of the README runs', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? '')
  expect(blocks.length).toBeGreaterThan(0)
  const dataDir = temporaryFolder()
  for (const [at, block] of blocks.entries()) {
    const file = join(import.meta.dirname, `.readme-${process.pid}-${at}.ts`)
    onTestFinished(() => rmSync(file, { force: true }))
    const code = block.replaceAll("'@vectra/vectors'", "'../src/index.ts'").replaceAll('console.log(', 'printed.push(')
    const imports = code.split('\n').filter((line) => line.startsWith('import '))
    const rest = code.split('\n').filter((line) => !line.startsWith('import '))
    writeFileSync(
      file,
      `${imports.join('\n')}\nexport const printed: unknown[] = []\nconst dataDir = ${JSON.stringify(dataDir)}\n${rest.join('\n')}`,
    )
    const { printed } = (await import(file)) as { printed: unknown[] }
    expect(printed).toContain('Why Decimal for prices: floats lose digits.')
  }
})
