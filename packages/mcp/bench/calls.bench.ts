/**
 * Calls a second through a whole server and client over Streamable HTTP on loopback, both eras, one after the other: what protocol, checks, paging, cleaning and
 * fencing cost with ports that answer at once. No target: a person or an agent waits for its model, not for this.
 */
import { connectPeer, serveVectraHttp, vectraServer } from '../src/index.ts'
import { eventRows, fakePorts } from '../test/fake-ports.ts'

const seconds = process.argv.includes('--quick') ? 0.2 : 3
const TOKEN = 'a token for this bench'
const serving = await serveVectraHttp(vectraServer({ ports: fakePorts({}, eventRows(500)), version: '0.0.0' }), {
  port: 0,
  token: TOKEN,
})
const rows: string[] = []
for (const era of ['legacy', 'auto'] as const) {
  const peer = await connectPeer({ url: serving.url, headers: { Authorization: `Bearer ${TOKEN}` } }, { era })
  for (const [tool, args] of [
    ['status', {}],
    ['games_list', { limit: 5 }],
    ['events_query', { limit: 100 }],
  ] as const) {
    let calls = 0
    const started = performance.now()
    while (performance.now() - started < seconds * 1_000) {
      await peer.call(tool, args)
      calls++
    }
    rows.push(`| ${peer.era} | ${tool} | ${Math.round((calls * 1_000) / (performance.now() - started))} |`)
  }
  await peer.close()
}
await serving.close()
process.stdout.write(`| era | tool | calls/s |\n|---|---|---|\n${rows.join('\n')}\n`)
