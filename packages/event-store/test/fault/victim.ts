import { writeSync } from 'node:fs'
import { openEventStore } from '../../src/index.ts'
import { ticks } from '../sample-events.ts'

/**
 * A recorder that is going to be killed: appends ticks as fast as they are acknowledged and prints `ACK <seq>` after each
 * acknowledgement. Arguments: data directory, session id, events per append, appends under way at once.
 */
const [dir = '', sessionId = '', batch = '5', inFlight = '8'] = process.argv.slice(2)
const size = Number(batch)
const store = await openEventStore({ dir, flush: { maxEvents: 50, intervalMs: 200 } })
const { lastSeq } = await store.openSession({ sessionId, source: 'replay' })
writeSync(1, `OPEN ${lastSeq}\n`)
let next = lastSeq + 1
async function lane(): Promise<void> {
  for (;;) {
    const from = next
    next += size
    await store.append(ticks(size, from, { _session_id: sessionId }))
    writeSync(1, `ACK ${from + size - 1}\n`)
  }
}
await Promise.all(Array.from({ length: Number(inFlight) }, lane))
