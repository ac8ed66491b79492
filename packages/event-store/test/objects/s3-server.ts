import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const tools = fileURLToPath(new URL('../../../../.tools/bin', import.meta.url))
const binary = existsSync(tools) ? readdirSync(tools).find((name) => name.startsWith('versitygw-')) : undefined

/** Whether a real S3 server is installed; CI must have it. */
export const hasS3 = binary !== undefined
if (!hasS3) {
  process.stderr.write('\n!!! SKIPPED: no S3 server in .tools/bin; run scripts/setup-s3.sh\n\n')
  if (process.env['CI'] === 'true') throw new Error('no S3 server in .tools/bin, and CI must have it: sh scripts/setup-s3.sh')
}

/** A running S3 server on the loopback. */
export interface S3Server extends AsyncDisposable {
  /** How a client reaches it. */
  readonly access: {
    readonly endpoint: string
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  }
  /** Makes an empty bucket. */
  bucket(name: string): string
}

async function freePort(): Promise<number> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as net.AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Starts versitygw over a temporary directory; it is up when it says where it listens. */
export async function s3Server(): Promise<S3Server> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'vectra-s3-'))
  const buckets = path.join(dir, 'buckets')
  mkdirSync(buckets)
  mkdirSync(path.join(dir, 'meta'))
  const port = await freePort()
  const credentials = { accessKeyId: 'vectra-test', secretAccessKey: 'vectra-secret' }
  const keys = ['--access', credentials.accessKeyId, '--secret', credentials.secretAccessKey]
  const child: ChildProcess = spawn(
    path.join(tools, binary ?? ''),
    [...keys, '--port', `127.0.0.1:${port}`, 'posix', '--sidecar', path.join(dir, 'meta'), buckets],
    { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  // A run that is broken off must not leave it behind.
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  let said = ''
  await new Promise<void>((resolve, reject) => {
    const look = (piece: Buffer) => {
      if (said.includes(`127.0.0.1:${port}`)) return
      said += piece.toString()
      if (said.includes(`127.0.0.1:${port}`)) resolve()
    }
    child.stdout?.on('data', look)
    child.stderr?.on('data', look)
    child.once('exit', () => reject(new Error(`versitygw ended: ${said}`)))
  })
  return {
    access: { endpoint: `http://127.0.0.1:${port}`, credentials },
    bucket(name) {
      mkdirSync(path.join(buckets, name))
      return name
    },
    async [Symbol.asyncDispose]() {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      process.off('exit', end)
      end()
      await gone
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
