import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import * as api from '../src/index.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

it('the code of the README runs', async () => {
  const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? '')
  expect(blocks).toHaveLength(1)
  const file = join(import.meta.dirname, `.readme-${process.pid}.ts`)
  onTestFinished(() => rmSync(file, { force: true }))
  const [imports = '', ...rest] = (blocks[0] ?? '')
    .replaceAll("'@vectra/mcp'", "'../src/index.ts'")
    .replaceAll('console.log(', 'printed.push(')
    .split('\n')
  writeFileSync(file, `${imports}\nexport const printed: unknown[] = []\n${rest.join('\n')}`)
  const { printed } = (await import(file)) as { printed: unknown[] }
  expect(printed.slice(0, 2)).toEqual(['modern', 'status games_list game_get'])
  expect(printed[2]).toMatchObject({ returned: 0, truncated: false, games: [] })
})

it('the API table has a row for every export, and none for what is gone', () => {
  const source = readFileSync(new URL('../src/index.ts', import.meta.url), 'utf8')
  const names = [...source.matchAll(/^\s*(?:export )?(?:type )?\{?([\s\S]*?)\} from/gm)].flatMap(([, list = '']) =>
    list.split(',').map((name) => name.replace(/export|type|\{/g, '').trim()),
  )
  const table = readme.slice(readme.indexOf('## API'), readme.indexOf('## Guarantees'))
  const details =
    /Options$|^(HttpServing|Serving|StdioStreams|Peer|PeerAddress|PeerAnswer|HttpServer|StdioServer|EraChoice|McpErrorCode|Sql(Process|Engine|ProcessLimits)|Motherduck(Client|Dialect|Query|Result)|Lance(Client|Dialect|Hit)|Chroma(Document|Source)|Server(State|Status|Definition)|Definition(Places|Scope)|FoundDefinitions|Install(edServer|Plan)|Migrat(edDocument|ionReport|ionTarget|ionFacts)|Routed?)$/
  for (const name of names.filter((one) => one !== '' && !details.test(one))) expect(table, name).toContain(name)
  for (const name of Object.keys(api)) expect(table, name).toContain(name)
})
