import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openEventStore } from '@vectra/event-store'
import { createPipeline, importFile, publicWsSource, systemClock, systemRandom } from '@vectra/ingest'
import { startSimulator } from '@vectra/simulator'

/** Folder of real captures; null when they are absent, which is said aloud, and fails in CI. */
export const captures: string | null = (() => {
  const folder = process.env['VECTRA_CAPTURES'] ?? resolve(import.meta.dirname, '../../../../../shared/captures')
  if (existsSync(folder)) return folder
  const reason = `no captures at ${folder} (set VECTRA_CAPTURES): recorded real games are not tested`
  if (process.env['CI'] === 'true') throw new Error(reason)
  process.stderr.write(`SKIPPED: ${reason}\n`)
  return null
})()

/** A data directory that goes with the block. */
export function dataDirectory(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'vectra-player-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** Imports captures: the recorded half hour and some recorded games. */
export async function importCaptures(dir: string, folder: string, games: number): Promise<void> {
  await using store = await openEventStore({ dir, flush: { maxEvents: 20_000 } })
  const recorded = readdirSync(join(folder, 'recorded-games'))
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .slice(0, games)
    .map((name) => join('recorded-games', name))
  for (const name of ['public-2025-12-12.jsonl', ...recorded]) {
    const source = await importFile({ name, content: readFileSync(join(folder, name)) })
    await createPipeline({ source, sink: store, clock: systemClock(), random: systemRandom() }).run()
  }
}

/** Records a simulated feed by two recordings at once, from its beginning until both have seen some games end. */
export async function recordSimulated(dir: string, games: number): Promise<void> {
  await using simulator = await startSimulator({ seed: 'recorded', bots: 6, speed: 40, paused: true })
  const stopping = new AbortController()
  const clock = systemClock()
  const [connected, finished] = [new Set<string>(), new Set<string>()]
  const record = async (): Promise<void> => {
    await using store = await openEventStore({ dir, flush: { maxEvents: 500 } })
    const source = publicWsSource({ url: simulator.url, clock, random: systemRandom() })
    const pipeline = createPipeline({ source, sink: store, clock, random: systemRandom() })
    const seen = new Set<string>()
    const watching = (async () => {
      for await (const event of pipeline.bus.subscribe({ policy: 'lossy' })) {
        const { event_name, raw_json, _game_id, _session_id } = event
        if (event_name === 'connect' && connected.add(_session_id).size === 2) simulator.control.resume()
        if (event_name === 'gameStateUpdate' && raw_json.includes('"rugged":true') && _game_id !== null) seen.add(_game_id)
        if (seen.size >= games && finished.add(_session_id).size === 2) stopping.abort()
      }
    })()
    await pipeline.run(stopping.signal)
    await watching
  }
  await Promise.all([record(), record()])
}
