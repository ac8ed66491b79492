import { startSimulator } from '@vectra/simulator'
import { describe, expect, it } from 'vitest'
import { scratch, startCli, vectra } from './run-cli.ts'
import { takeoverRun, takeovers } from './takeover-run.ts'

describe('vectra record --takeover', () => {
  it('3 times over: the union of ticks is complete, what two recorded is counted, no gap row', {
    timeout: 180_000,
  }, async () => {
    using dir = scratch()
    await takeoverRun(dir.path, { times: 3, speed: 30 })
  })

  it('the older one dies midway: a gap row if, and only if, frames may be missing', { timeout: 60_000 }, async () => {
    using dir = scratch()
    await using simulator = await startSimulator({ seed: 'midway', speed: 20, waitForClient: true })
    const args = ['record', '--url', simulator.url, '--data-dir', dir.path, '--ops-port', 'off']
    const old = startCli(args)
    await old.seen(/"msg":"connect"/)
    await simulator.control.waitFor(({ phase, tick }) => phase === 'active' && tick >= 5)
    // Stopped in its tracks, it holds its sessions but receives nothing; then it dies.
    old.child.kill('SIGSTOP')
    const next = startCli([...args, '--takeover'])
    await next.seen(/takeover: asked the other recorder to end/)
    old.child.kill('SIGKILL')
    await next.seen(/takeover: the other recorder has ended/)
    next.child.kill('SIGTERM')
    expect((await next.done).code).toBe(0)
    const [note] = await takeovers(dir.path)
    expect(note).toMatchObject({
      previous_end: 'killed',
      duplicates: 0,
      gaps: [{ cause: 'process_down', previous_end: 'killed' }],
    })
    expect(note?.gaps[0]?.from).toBeLessThan(note?.gaps[0]?.to ?? 0)
  })

  it('the older one dies before the new one has a frame: what lies between is a gap row', { timeout: 60_000 }, async () => {
    using dir = scratch()
    await using simulator = await startSimulator({ seed: 'early', speed: 20, waitForClient: true })
    const args = ['record', '--url', simulator.url, '--data-dir', dir.path, '--ops-port', 'off']
    const old = startCli(args)
    await old.seen(/"msg":"connect"/)
    await simulator.control.waitFor(({ phase, tick }) => phase === 'active' && tick >= 5)
    await simulator.close()
    old.child.kill('SIGSTOP')
    const next = startCli([...args, '--takeover', '--connect-timeout', '0'])
    await next.seen(/waiting for frames of our own/)
    old.child.kill('SIGKILL')
    await old.done
    await using _again = await startSimulator({ seed: 'later', speed: 20, port: simulator.port })
    await next.seen(/takeover: the other recorder has ended/)
    next.child.kill('SIGTERM')
    const { code, stderr } = await next.done
    expect(code).toBe(0)
    expect(stderr).not.toContain('takeover: asked')
    const [note] = await takeovers(dir.path)
    expect(note).toMatchObject({ previous_end: 'killed', gaps: [{ cause: 'process_down' }] })
  })

  it('nobody to take over from: an ordinary recording', async () => {
    using dir = scratch()
    await using simulator = await startSimulator({ seed: 'nobody', speed: 20, waitForClient: true })
    const alone = startCli([
      'record',
      '--url',
      simulator.url,
      '--data-dir',
      dir.path,
      '--takeover',
      '--ops-port',
      '0',
      '--duration',
      '1s',
    ])
    const { code, stderr } = await alone.done
    expect(code).toBe(0)
    expect(stderr).not.toContain('takeover')
    expect(await takeovers(dir.path)).toEqual([])
  })

  it('a new one that cannot connect leaves the old one alone', { timeout: 60_000 }, async () => {
    using dir = scratch()
    await using simulator = await startSimulator({ seed: 'unreachable', speed: 20, waitForClient: true })
    const args = ['record', '--url', simulator.url, '--data-dir', dir.path, '--ops-port', 'off']
    const old = startCli(args)
    await old.seen(/"msg":"connect"/)
    await simulator.close()
    const { code, stderr } = await vectra([...args, '--takeover', '--connect-timeout', '1s'])
    expect(code).toBe(69)
    expect(stderr).toContain('waiting for frames of our own')
    expect(stderr).not.toContain('asked the other recorder')
    expect(old.child.exitCode).toBeNull()
    old.child.kill('SIGTERM')
    expect((await old.done).code).toBe(0)
  })
})
