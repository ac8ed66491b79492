/**
 * What a thousand spectators cost: CPU of the server, stalls of its loop, and how late frames arrive.
 *
 * `node --conditions=@vectra/source bench/spectators.bench.ts [--quick] [--clients 1000] [--seconds 20] [--json]`
 * The clients live in a second process on the same machine: bare WebSockets that answer heartbeats and measure. Loop delays include the time
 * in which the machine ran something else; `slice` is the server's own work between two turns of its loop, in CPU time, which is what it can help.
 */
import { fork } from 'node:child_process'
import { connect } from 'node:net'
import { createHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startSimulator } from '../src/index.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    clients: { type: 'string' },
    seconds: { type: 'string' },
    json: { type: 'boolean', default: false },
    child: { type: 'string' },
  },
})
const CLIENTS = Number(values.clients ?? (values.quick ? 100 : 1000))
const SECONDS = Number(values.seconds ?? (values.quick ? 3 : 20))
/** Full frames to all must not stall the loop for longer. */
const SLICE_TARGET_MS = 100

/** Server and clients are on one machine: both read the same clock. */
const clockMs = (): number => performance.timeOrigin + performance.now()

interface ClientReport {
  readonly connected: number
  readonly stamps: number
  readonly p50: number
  readonly p99: number
  /** When each client had the whole frame with the new game. */
  readonly fullArrivals: readonly number[]
  readonly fullBytes: number
}

if (values.child === undefined) await server()
else await clients(values.child, CLIENTS)

async function server(): Promise<void> {
  await using sim = await startSimulator({ seed: 'bench', paused: true, quirks: false })
  const { control } = sim
  await control.waitFor((state) => state.phase === 'active' && state.tick === 5)
  control.rugAt(100_000)
  const child = fork(fileURLToPath(import.meta.url), ['--child', sim.url, '--clients', String(CLIENTS)], {
    execArgv: process.execArgv,
  })
  const message = <T>(): Promise<T> => new Promise((resolve) => child.once('message', (value) => resolve(value as T)))
  await message()

  // Ticks at four a second, as the game has them; each is followed by a stamp, which every client gets in that order.
  const loop = monitorEventLoopDelay({ resolution: 5 })
  loop.enable()
  const [cpu, started] = [process.cpuUsage(), performance.now()]
  for (let k = 1; k <= SECONDS * 4; k += 1) {
    await control.step()
    control.emit('benchStamp', clockMs())
    await pause(started + k * 250 - performance.now())
  }
  const used = process.cpuUsage(cpu)
  const elapsed = performance.now() - started
  loop.disable()

  // The rug, its repetition and the reveal at their natural pace: two full frames to everybody within about a second.
  control.rugAt(control.state().tick + 1)
  const slices = watchSlices()
  control.resume()
  await control.waitFor('cooldown')
  const fullAt = clockMs()
  await Promise.race([message(), pause(20_000)])
  control.pause()
  const sliceMs = slices()
  child.send('report')
  const report = await message<ClientReport>()
  child.kill()

  const waits = report.fullArrivals.map((at) => at - fullAt).toSorted((a, b) => a - b)
  const row = {
    clients: report.connected,
    seconds: SECONDS,
    cpu_percent: round((used.user + used.system) / 10 / elapsed),
    loop_p99_ms: round(Math.max(0, loop.percentile(99) / 1e6 - 5)),
    loop_max_ms: round(Math.max(0, loop.max / 1e6 - 5)),
    client_p50_ms: round(report.p50),
    client_p99_ms: round(report.p99),
    full_kb: Math.round(report.fullBytes / 1000),
    full_reached: waits.length,
    full_client_p99_ms: round(waits[Math.floor(waits.length * 0.99)] ?? Number.NaN),
    full_slice_max_ms: round(sliceMs),
    stamps: report.stamps,
  }
  if (values.json) console.log(JSON.stringify(row))
  else for (const [name, value] of Object.entries(row)) console.log(`${name.padEnd(20)} ${value}`)
  if (sliceMs > SLICE_TARGET_MS) {
    console.log(`a full frame held the loop for ${round(sliceMs)} ms: more than ${SLICE_TARGET_MS}`)
    process.exitCode = 1
  }
}

/** Longest CPU time between two turns of the loop, until the returned function is called. Turns the loop all the time. */
function watchSlices(): () => number {
  let longest = 0
  let before = process.threadCpuUsage()
  let running = true
  const turn = (): void => {
    const now = process.threadCpuUsage()
    longest = Math.max(longest, (now.user + now.system - before.user - before.system) / 1000)
    before = now
    if (running) setImmediate(turn)
  }
  turn()
  return () => {
    running = false
    return longest
  }
}

async function clients(url: string, count: number): Promise<void> {
  const latency = createHistogram()
  const fullArrivals: number[] = []
  let [connected, fullBytes] = [0, 0]
  const opening = Array.from({ length: count }, async (_, index) => {
    await pause(index * 4)
    let fulls = 0
    await new Promise<void>((resolve) => {
      openSpectator(new URL(url), (head, length, answer) => {
        if (head.startsWith('0')) answer('40')
        else if (head === '2') answer('3')
        else if (head.startsWith('40')) {
          connected += 1
          resolve()
        } else if (head.startsWith('42["benchStamp"')) {
          latency.record(Math.max(1, Math.round((clockMs() - Number(head.slice(16, -1))) * 1000)))
        } else if (length > 100_000) {
          // The full state on connecting, the rug repeated, the next game revealed.
          fulls += 1
          fullBytes = length
          if (fulls === 3 && fullArrivals.push(clockMs()) === count) process.send?.('all')
        }
      })
    })
  })
  await Promise.all(opening)
  process.on('message', () => {
    const [p50, p99] = [latency.percentile(50) / 1000, latency.percentile(99) / 1000]
    process.send?.({ connected, stamps: latency.count, fullBytes, fullArrivals, p50, p99 } satisfies ClientReport)
  })
  process.send?.('ready')
}

/** A WebSocket client that skips payloads: told are the first 48 bytes and the length of each message, when it has come whole. */
function openSpectator(url: URL, onMessage: (head: string, length: number, answer: (text: string) => void) => void): void {
  const socket = connect(Number(url.port), url.hostname)
  const key = Buffer.from('spectator-bench!').toString('base64')
  socket.write(
    `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${url.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  )
  const answer = (text: string): void => {
    const payload = Buffer.from(text)
    // A mask of zeros is a mask, too.
    socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]))
  }
  let upgraded = false
  let pending: Buffer = Buffer.alloc(0)
  let [length, left, head] = [0, 0, '']
  socket.on('data', (chunk: Buffer) => {
    let data = pending.length > 0 ? Buffer.concat([pending, chunk]) : chunk
    pending = Buffer.alloc(0)
    if (!upgraded) {
      const end = data.indexOf('\r\n\r\n')
      if (end < 0) {
        pending = data
        return
      }
      upgraded = true
      data = data.subarray(end + 4)
    }
    while (data.length > 0) {
      if (left === 0) {
        const header = headerOf(data)
        if (header === null) {
          pending = data
          return
        }
        length = left = header.length
        head = ''
        data = data.subarray(header.size)
      }
      const part = data.subarray(0, left)
      if (head.length < 48) head += part.subarray(0, 48 - head.length).toString('latin1')
      left -= part.length
      data = data.subarray(part.length)
      if (left === 0) onMessage(head, length, answer)
    }
  })
}

/** Length of a server's frame and of its header; null while the header is not complete. */
function headerOf(data: Buffer): { length: number; size: number } | null {
  const short = (data[1] ?? 0) & 0x7f
  const size = short === 127 ? 10 : short === 126 ? 4 : 2
  if (data.length < size) return null
  return { size, length: short === 127 ? Number(data.readBigUInt64BE(2)) : short === 126 ? data.readUInt16BE(2) : short }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
