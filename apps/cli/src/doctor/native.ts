import { spawn } from 'node:child_process'
import { type Finding, fault, ok, warning } from './finding.ts'

/** A module with a native part, the package of ours that needs it, and what does not work without it. */
export interface NativeModule {
  readonly module: string
  readonly owner: string
  readonly without: string
  /** Without it nothing that people expect works; else only one part. */
  readonly essential: boolean
  readonly fix: string
}

/** Native modules, each loaded in a process of its own: one that crashes takes nobody along. */
export const NATIVE_MODULES: readonly NativeModule[] = [
  {
    module: '@duckdb/node-api',
    owner: '@vectra/event-store',
    without: 'no queries, and part files only by --encoder parquetjs',
    essential: true,
    fix: 'install again on this machine (npm install -g @vectra/cli), so that the build for its system is fetched; record with --encoder parquetjs until then',
  },
  {
    module: '@lancedb/lancedb',
    owner: '@vectra/vectors',
    without: 'no search tables',
    essential: false,
    fix: 'install again on this machine (npm install -g @vectra/cli); everything but vectra index and vectra search works without it',
  },
  {
    module: 'onnxruntime-node',
    owner: '@huggingface/transformers',
    without: 'search by words only, not by meaning',
    essential: false,
    fix: 'install again on this machine (npm install -g @vectra/cli), or search with --mode bm25',
  },
]

const WAIT_MS = 20_000

/** Loads one module in a process of its own, resolved from the package that uses it. */
export async function checkNative(
  { module, owner, without, essential, fix }: NativeModule,
  load: typeof loadApart = loadApart,
): Promise<Finding> {
  const check = `native_${module
    .replace(/^@/, '')
    .split('/')[0]
    ?.replace(/-node$/, '')}`
  const problem = await load(module, owner)
  if (problem === null) return ok(check, `${module} loads`)
  return (essential ? fault : warning)(check, `${module} does not load (${problem}): ${without}`, fix)
}

/** Null when it loads, else why not in a few words. */
export function loadApart(module: string, owner: string): Promise<string | null> {
  // The owner may be a dependency of a dependency: looked for from each package of ours in turn.
  const source = `
    import { createRequire } from 'node:module'
    const from = (place, name) => { try { return createRequire(place).resolve(name) } catch { return undefined } }
    const start = ${JSON.stringify(import.meta.url)}
    const places = [start, ...['@vectra/event-store', '@vectra/vectors'].map((name) => { try { return import.meta.resolve(name, start) } catch { return undefined } })].filter(Boolean)
    let found
    for (const place of places) {
      const owner = from(place, ${JSON.stringify(owner)})
      found ??= from(place, ${JSON.stringify(module)}) ?? (owner && from(owner, ${JSON.stringify(module)}))
    }
    if (found === undefined) throw new Error('not installed')
    await import(found)
  `
  return new Promise((resolve) => {
    const args = [
      ...process.execArgv,
      '--experimental-import-meta-resolve',
      '--disable-warning=ExperimentalWarning',
      '--input-type=module',
      '--eval',
      source,
    ]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: WAIT_MS })
    let text = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-4_000)
    })
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => {
      if (code === 0) resolve(null)
      else resolve(/^\s*(?:\w*Error): (.+)$/m.exec(text)?.[1] ?? (signal === null ? `exit code ${code}` : `ended by ${signal}`))
    })
  })
}
