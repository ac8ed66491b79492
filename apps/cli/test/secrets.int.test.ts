import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type ReplayRecord, serveReplay, systemClock } from '@vectra/ingest'
import { sampleFeed } from '@vectra/recorder'
import { expect, it } from 'vitest'
import { scratch, startCli, vectra } from './run-cli.ts'

const SAMPLE = [...sampleFeed({ seed: 'secrets', startAt: 1_770_365_059_440_000, games: 1 })].map(
  ({ at, text }): ReplayRecord => ({ at, text, direction: 'received' }),
)

/** Every byte below a directory, as text. */
function everything(dir: string): string {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n')
}

it('user, password and query of an address are in no log, no summary and no file; what the servers say of us neither', async () => {
  using dir = scratch()
  await using server = await serveReplay({ records: SAMPLE, clock: systemClock(), speed: 'max', loop: true })
  const address = server.url.replace('//', '//ann:pass-s3cret@')
  const recorder = startCli([
    ...['record', '--url', `${address}/?token=query-s3cret`, '--log-level', 'debug', '--data-dir', dir.path],
  ])
  await recorder.seen(/"msg":"connect"/)
  const [, status] = /"url":"(http[^"]+)","msg":"status/.exec((await recorder.seen(/.*"msg":"status and metrics"/))[0]) ?? []
  const told = status === undefined ? '' : await (await fetch(`${status}/status`)).text()
  recorder.child.kill('SIGINT')
  const { code, stdout, stderr } = await recorder.done
  expect(code).toBe(0)
  expect(told).toContain('public_ws')
  expect([told, stdout, stderr].join('\n')).not.toContain('s3cret')
  expect(everything(dir.path)).not.toContain('s3cret')
  // Parts are compressed: ask them, too.
  const sql = "SELECT count(*) AS n, count(*) FILTER (contains(raw_json, 's3cret')) AS secret FROM events"
  const asked = await vectra(['query', sql, '--json', '--data-dir', dir.path])
  expect(JSON.parse(asked.stdout)).toEqual([{ n: expect.any(Number), secret: 0 }])
})

it('nor in the error when nobody answers there', async () => {
  using dir = scratch()
  const { code, stderr } = await vectra([
    ...['record', '--url', 'http://ann:pass-s3cret@127.0.0.1:1/?token=query-s3cret', '--connect-timeout', '300ms'],
    ...['--data-dir', dir.path],
  ])
  expect(code).toBe(69)
  expect(stderr).toContain('RECORDER_UNREACHABLE')
  expect(stderr).not.toContain('s3cret')
})
