import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { scratch, startCli, vectra } from './run-cli.ts'

const FRAMES = ['{"message": "gm", "odds": 1.10}', '{"message":"b"}', '{"message":"c"}', '{"message":"d"}']
const GAME = '20251212-6114b2ff44ef4b71'

/** A capture, a quarter of a second between events. */
function capture(dir: string): string {
  const path = join(dir, 'capture.jsonl')
  const state = `{"gameId": "${GAME}", "active": true, "rugged": false, "price": 1.5, "tickCount": 3}`
  const lines = [state, ...FRAMES].map((data, index) => {
    const event = index === 0 ? 'gameStateUpdate' : 'newChatMessage'
    return `{"seq": ${index + 1}, "ts": "2025-12-12T17:16:58.${(index * 250).toString().padStart(3, '0')}000", "event": "${event}", "data": ${data}}`
  })
  writeFileSync(path, `${lines.slice(0, 4).join('\n')}\n`)
  return path
}

it('prints what a capture decodes to: lines, frames byte for byte, or JSON', async () => {
  using dir = scratch()
  const file = capture(dir.path)
  const raw = await vectra(['replay', file, '--speed', 'max', '--raw'])
  expect(raw).toMatchObject({ code: 0, stdout: expect.stringContaining(`42["newChatMessage",${FRAMES[0]}]\n`) })
  expect(raw.stdout.trim().split('\n')).toHaveLength(4)
  const json = await vectra(['replay', file, '--speed', 'max', '--json'])
  const events: Record<string, unknown>[] = json.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const frames = events.filter(({ packet }) => packet !== '')
  expect(frames).toHaveLength(4)
  expect(frames[1]).toMatchObject({
    ts: '2025-12-12T22:16:58.250000Z',
    direction: 'received',
    event_name: 'newChatMessage',
    game_id: GAME,
    packet: '42',
    raw_json: `["newChatMessage",${FRAMES[0]}]`,
  })
  expect((await vectra(['replay', file, '--speed', 'max'])).stdout).toMatch(/← newChatMessage 44ef4b71 {2}\["newChatMessage"/)
})

it('keeps the recorded pace, times the speed', async () => {
  using dir = scratch()
  const started = performance.now()
  expect((await vectra(['replay', capture(dir.path), '--speed', '0.5'])).code).toBe(0)
  expect(performance.now() - started).toBeGreaterThan(1_500)
})

it('--step shows one frame a key, from a pipe as on a terminal, and q stops', async () => {
  using dir = scratch()
  const running = startCli(['replay', capture(dir.path), '--step', '--raw'], { typing: true })
  await running.seen(/n or space: next frame/)
  running.child.stdin?.write('n')
  await running.seen(/"tickCount": 3/)
  running.child.stdin?.write(' ')
  await running.seen(/"gm"/)
  running.child.stdin?.write('q')
  const { code, stdout } = await running.done
  expect(code).toBe(0)
  expect(stdout.trim().split('\n')).toHaveLength(2)
  const piped = await vectra(['replay', capture(dir.path), '--step', '--raw', '-q'], { input: 'nnn' })
  expect(piped).toMatchObject({ code: 0, stderr: '' })
  expect(piped.stdout.trim().split('\n')).toHaveLength(3)
})

it('--step drives a served replay, and playing on ends it', async () => {
  using dir = scratch()
  const server = startCli(['replay', capture(dir.path), '--step', '--as-server', ':0', '--once', '--json'], { typing: true })
  const [, url = ''] = await server.seen(/"url":"([^"]+)"/)
  const recorder = startCli(['record', '--url', url, '--until-end', '--data-dir', join(dir.path, 'data')])
  await recorder.seen(/"msg":"connect"/)
  server.child.stdin?.write('nn')
  server.child.stdin?.write('+++++++p')
  const { code, stdout } = await recorder.done
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ reason: 'source_ended', sessions: [{ closes: true }] })
  expect((await server.done).stdout).toContain('"sent":4')
})

it('a served recording that cannot be read any more ends the server with that error', async () => {
  using dir = scratch()
  const file = capture(dir.path)
  const server = startCli(['replay', file, '--as-server', ':0', '--json'])
  const [, url = ''] = await server.seen(/"url":"([^"]+)"/)
  rmSync(file)
  const recorder = startCli(['record', '--url', url, '--data-dir', join(dir.path, 'data'), '--ops-port', 'off'])
  const { code, stderr } = await server.done
  expect(code).toBe(1)
  expect(stderr).toMatch(/no such file or directory/)
  recorder.child.kill('SIGTERM')
  expect((await recorder.done).code).toBe(0)
})

it('a stored session plays again by its id, through the decoder and into the store', async () => {
  using dir = scratch()
  const data = join(dir.path, 'data')
  const imported = await vectra(['import', capture(dir.path), '--json', '--data-dir', data])
  const { files }: { files: { session: string }[] } = JSON.parse(imported.stdout)
  const session = files[0]?.session ?? ''
  const raw = await vectra(['replay', session, '--speed', 'max', '--raw', '--data-dir', data])
  expect(raw.stdout.trim().split('\n')).toHaveLength(4)
  const again = await vectra([...['record', '--source', 'replay', '--replay', session, '--speed', 'max', '--data-dir', data]])
  expect(again.code).toBe(0)
  expect(JSON.parse(again.stdout)).toMatchObject({ events: 4, stored: 4, sessions: [{ source: 'replay', closes: true }] })
  const sql = `SELECT packet || raw_json AS frame FROM ws_event WHERE packet = '42' AND session_id = '${JSON.parse(again.stdout).sessions[0].session}' ORDER BY seq`
  const frames = await vectra(['query', sql, '--json', '--data-dir', data])
  expect(JSON.parse(frames.stdout).map(({ frame }: { frame: string }) => frame)).toEqual(raw.stdout.trim().split('\n'))
  expect((await vectra(['record', '--source', 'replay', '--data-dir', data])).code).toBe(2)
})
