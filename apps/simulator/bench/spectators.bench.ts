/**
 * What a thousand spectators cost: CPU of the server, stalls of its loop, and how late frames arrive.
 *
 * `node --conditions=@vectra/source bench/spectators.bench.ts [--clients 1000] [--seconds 20] [--json]`; quick form: `--clients 100 --seconds 4`.
 * The clients live in a second process. They are bare WebSockets that answer heartbeats and measure, so that they do not take the server's CPU.
 */
import { fork } from 'node:child_process'
import { createHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startSimulator } from '../src/index.ts'

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
    child: { type: 'string' },
  },
})

/** Server and clients are on one machine: both read the same clock. */
const clockMs = (): number => performance.timeOrigin + performance.now()

interface ClientReport {
  readonly connected: number
  readonly stamps: number
  readonly fullFrames: number
  readonly fullBytes: number
  readonly p50: number
  readonly p99: number
  readonly fullP99: number
}

if (values.child === undefined) await server()
else await clients(values.child, Number(values.clients))

async function server(): Promise<void> {
  await using sim = await startSimulator({ seed: 'bench', paused: true, quirks: false })
  await sim.control.waitFor((state) => state.phase === 'active' && state.tick === 5)
  const child = fork(fileURLToPath(import.meta.url), ['--child', sim.url, '--clients', values.clients], {
    execArgv: process.execArgv,
  })
  const message = <T>(): Promise<T> => new Promise((resolve) => child.once('message', (value) => resolve(value as T)))
  await message()
  const seconds = Number(values.seconds)
  const measure = async (
    spell: () => void | Promise<void>,
    times: number,
    everyMs: number,
  ): Promise<{ cpuPercent: number; loopP99: number; loopMax: number }> => {
    const loop = monitorEventLoopDelay({ resolution: 5 })
    loop.enable()
    const [cpu, started] = [process.cpuUsage(), performance.now()]
    for (let k = 0; k < times; k += 1) {
      await spell()
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, started + (k + 1) * everyMs - performance.now())))
    }
    const used = process.cpuUsage(cpu)
    const elapsed = performance.now() - started
    loop.disable()
    return {
      cpuPercent: (used.user + used.system) / 10 / elapsed,
      loopP99: Math.max(0, loop.percentile(99) / 1e6 - 5),
      loopMax: Math.max(0, loop.max / 1e6 - 5),
    }
  }
  // Ticks at four a second, as the game has them; each is followed by a stamp, which every client gets in that order.
  const tick = async (): Promise<void> => {
    await sim.control.step()
    sim.control.emit('benchStamp', clockMs())
  }
  sim.control.rugAt(100_000)
  const steady = await measure(tick, seconds * 4, 250)
  const rounds = 3
  const full = await measure(
    async () => {
      sim.control.rugAt(sim.control.state().tick + 1)
      await sim.control.step()
      child.send({ fullAt: clockMs() })
      await sim.control.step()
    },
    1,
    4000,
  )
  for (let round = 1; round < rounds; round += 1) {
    await sim.control.waitFor('cooldown')
    await sim.control.waitFor('active')
    const next = await measure(
      async () => {
        sim.control.rugAt(2)
        await sim.control.step()
        await sim.control.step()
        child.send({ fullAt: clockMs() })
        await sim.control.step()
      },
      1,
      4000,
    )
    full.loopMax = Math.max(full.loopMax, next.loopMax)
  }
  child.send('report')
  const report = await message<ClientReport>()
  child.kill()
  const row = {
    clients: report.connected,
    seconds,
    cpu_percent: round1(steady.cpuPercent),
    loop_p99_ms: round1(steady.loopP99),
    loop_max_ms: round1(steady.loopMax),
    client_p50_ms: round1(report.p50),
    client_p99_ms: round1(report.p99),
    full_kb: Math.round(report.fullBytes / 1000),
    full_loop_max_ms: round1(full.loopMax),
    full_client_p99_ms: round1(report.fullP99),
    stamps: report.stamps,
    full_frames: report.fullFrames,
  }
  if (values.json) console.log(JSON.stringify(row))
  else for (const [name, value] of Object.entries(row)) console.log(`${name.padEnd(20)} ${value}`)
}

async function clients(url: string, count: number): Promise<void> {
  const [latency, fullLatency] = [createHistogram(), createHistogram()]
  let [connected, fullFrames, fullAt, fullBytes] = [0, 0, 0, 0]
  const opening = Array.from({ length: count }, async (_, index) => {
    await new Promise((resolve) => setTimeout(resolve, index * 4))
    await new Promise<void>((resolve) => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`)
      socket.onmessage = ({ data }) => {
        const text = String(data)
        if (text.startsWith('0')) socket.send('40')
        else if (text === '2') socket.send('3')
        else if (text.startsWith('40')) {
          connected += 1
          resolve()
        } else if (text.startsWith('42["benchStamp"'))
          latency.record(Math.max(1, Math.round((clockMs() - Number(text.slice(16, -1))) * 1000)))
        else if (text.length > 100_000 && fullAt > 0 && text.includes('"rugged":true,"tickCount"')) {
          fullFrames += 1
          fullBytes = text.length
          fullLatency.record(Math.max(1, Math.round((clockMs() - fullAt) * 1000)))
        }
      }
    })
  })
  await Promise.all(opening)
  process.on('message', (message: 'report' | { fullAt: number }) => {
    if (message !== 'report') fullAt = message.fullAt
    else {
      process.send?.({
        connected,
        stamps: latency.count,
        fullFrames,
        fullBytes,
        p50: latency.percentile(50) / 1000,
        p99: latency.percentile(99) / 1000,
        fullP99: fullFrames === 0 ? Number.NaN : fullLatency.percentile(99) / 1000,
      } satisfies ClientReport)
    }
  })
  process.send?.('ready')
}

function round1(value: number): number {
  return Math.round(value * 10) / 10
}
