import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

/** One file of the page, as it is sent. */
export interface StaticFile {
  readonly body: Uint8Array<ArrayBuffer>
  /** The same, smaller; null when it would not be. */
  readonly gzip: Uint8Array<ArrayBuffer> | null
  readonly type: string
  readonly etag: string
  /** The name changes with the content. */
  readonly immutable: boolean
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
}

/** Where the page lies: beside the bundle when installed, in `dist` when run from source. */
export function defaultWebDir(): string {
  const places = ['./web', '../../dist/web'].map((path) => fileURLToPath(new URL(path, import.meta.url)))
  return places.find((path) => existsSync(join(path, 'index.html'))) ?? (places[0] as string)
}

/** All files of the page by path, read once: `/index.html`, `/assets/main-….js`. Empty when the page was not built. */
export function readStaticFiles(dir: string): ReadonlyMap<string, StaticFile> {
  const files = new Map<string, StaticFile>()
  if (!existsSync(join(dir, 'index.html'))) return files
  for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
    const type = TYPES[extname(name)]
    if (type === undefined) continue
    const body = new Uint8Array(readFileSync(join(dir, name)))
    const gzip = new Uint8Array(gzipSync(body, { level: 9 }))
    files.set(`/${name.replaceAll('\\', '/')}`, {
      body,
      gzip: gzip.length < body.length ? gzip : null,
      type,
      etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
      immutable: /-[\w-]{8}\.\w+(\.map)?$/.test(name),
    })
  }
  return files
}

/** What a browser sees of a clone in which nothing was built. */
export const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Vectra</title>
<h1>The page is not built yet</h1>
<p>The server runs, but its page was never built. In a clone: <code>pnpm --filter @vectra/player build</code>, then start again.</p></html>`
