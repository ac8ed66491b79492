import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connectPeer, type Peer, type PeerOptions, type StdioServer } from '@vectra/mcp'
import { simulatedCapture } from '../scripts/walkthrough/simulated-capture.ts'
import { vectra } from './run-cli.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** The repository these tests stand in. */
export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url))

/** Games of {@link fillStore}: the second one has a gap, the last one has only begun. */
export const RUG_TICKS = [60, 45, 90]

/** Imports a simulated recording into `<dir>/data`. */
export async function fillStore(dir: string): Promise<string> {
  const file = join(dir, 'capture.jsonl')
  writeFileSync(file, simulatedCapture({ seed: 'walk', startAt: Date.UTC(2025, 11, 12, 20), rugTicks: RUG_TICKS, lostIn: 1 }))
  const data = join(dir, 'data')
  const { code, stderr } = await vectra(['import', file, '--data-dir', data])
  if (code !== 0) throw new Error(stderr)
  return data
}

/** How the real binary is started as a server over stdio. */
export function serverOf(dataDir: string, ...options: readonly string[]): StdioServer {
  const args = ['--conditions=@vectra/source', '--disable-warning=ExperimentalWarning', MAIN, 'mcp', 'serve']
  return {
    command: process.execPath,
    args: [...args, '--data-dir', dataDir, '--repo', REPOSITORY, '--model', 'none', ...options],
  }
}

/** Connects to it. */
export function connectTo(dataDir: string, options: readonly string[] = [], peer: PeerOptions = {}): Promise<Peer> {
  return connectPeer(serverOf(dataDir, ...options), { connectMs: 60_000, callMs: 60_000, ...peer })
}

/** The structured answer of a call that must succeed. */
export async function ask(
  peer: Peer,
  name: string,
  args: Readonly<Record<string, unknown>> = {},
): Promise<Record<string, unknown>> {
  const { isError, structured, blocks } = await peer.call(name, args)
  if (isError) throw new Error(blocks.join(' '))
  return structured as Record<string, unknown>
}
