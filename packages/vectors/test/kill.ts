import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
import { openVectorIndex } from '../src/index.ts'
import { hashEmbedder } from './hash-embedder.ts'
import { killCorpus } from './kill-corpus.ts'
import { temporaryFolder } from './temporary-folder.ts'

const PROGRAM = join(import.meta.dirname, 'indexing-process.ts')

/** Runs an indexing process and kills it -9 `afterMs` after it is ready; says whether it was still at work. */
async function runAndKill(dir: string, count: number, generation: number, afterMs: number): Promise<'killed' | 'finished'> {
  const args = [
    '--conditions=@vectra/source',
    '--disable-warning=ExperimentalWarning',
    PROGRAM,
    dir,
    String(count),
    String(generation),
  ]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = new Promise<NodeJS.Signals | null>((resolve) => child.on('exit', (_code, signal) => resolve(signal)))
  await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()))
  await Promise.race([wait(afterMs), exited])
  child.kill('SIGKILL')
  return (await exited) === 'SIGKILL' ? 'killed' : 'finished'
}

async function rowsOf(
  dir: string,
  work: 'sync' | 'rebuild',
  count: number,
  generation: number,
): Promise<{ rows: unknown[]; hash: string }> {
  await using index = await openVectorIndex({ dir, embedder: hashEmbedder({ dimensions: 32 }) })
  await index[work](killCorpus(count, generation))
  const rows = await index.contents('code_context')
  return { rows, hash: createHash('sha256').update(JSON.stringify(rows)).digest('hex') }
}

/**
 * Kills indexing runs at random points, each over another generation of the documents, and compares what the next run leaves
 * with a rebuild from nothing: same rows, same hash.
 *
 * @returns how many runs were still at work when they were killed
 */
export async function killIndexing({
  points,
  count,
  longestMs,
  seed,
}: {
  points: number
  count: number
  longestMs: number
  seed: number
}): Promise<number> {
  let state = seed
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const parent = temporaryFolder()
  let killed = 0
  let longest = longestMs
  for (let point = 0; point < points; point++) {
    const dir = join(parent, 'vectors')
    // Every fifth run starts from nothing, so that the first creation of the table is hit too.
    if (point % 5 === 0) rmSync(dir, { recursive: true, force: true })
    const generation = point % 6
    const end = await runAndKill(dir, count, generation, random() * longest)
    if (end === 'killed') killed++
    // How long a run takes is the machine's: a kill that came too late makes the next ones earlier.
    longest = end === 'killed' ? Math.min(longestMs, longest * 1.1) : longest * 0.7
    const finished = await rowsOf(dir, 'sync', count, generation)
    const fresh = join(parent, `fresh-${generation}`)
    const clean = await rowsOf(fresh, existsSync(fresh) ? 'sync' : 'rebuild', count, generation)
    expect(finished.hash, `point ${point}`).toBe(clean.hash)
    expect(finished.rows.length).toBeGreaterThan(count / 2)
  }
  return killed
}
