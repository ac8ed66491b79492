import { readFileSync, writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { EventEnvelope } from '@vectra/schemas'
import { openEventStore } from '../../src/index.ts'
import { benchEvents, benchSession } from '../frames.ts'

// Our side of the comparison with the Python writer. Arguments: directory, count, events per second (0: as fast as it goes).

const [dir = '', countText = '0', paceText = '0'] = process.argv.slice(2)
const count = Number(countText)
const pace = Number(paceText)
const BATCH = 10
const UNDER_WAY = 100

const session = benchSession(process.pid)
const store = await openEventStore({ dir })
await store.openSession({ sessionId: session, source: 'replay' })
const events = benchEvents(count, session)
const cpu = process.cpuUsage()
const started = performance.now()
if (pace > 0) {
  for (const [index, event] of events.entries()) {
    await delay(Math.max(0, started + ((index + 1) * 1_000) / pace - performance.now()))
    await store.append([event])
    writeSync(1, `${event._seq}\n`)
  }
} else {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < count) {
      const batch: readonly EventEnvelope[] = events.slice(next, next + BATCH)
      next += BATCH
      await store.append(batch)
    }
  }
  await Promise.all(Array.from({ length: UNDER_WAY }, lane))
}
const acknowledged = (performance.now() - started) / 1_000
await store.flush()
const seconds = (performance.now() - started) / 1_000
const { user, system } = process.cpuUsage(cpu)
await store.close()
const peakMib = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? Number.NaN) / 1024
writeSync(1, `${JSON.stringify({ acknowledged, seconds, cpuSeconds: (user + system) / 1e6, peakMib })}\n`)
