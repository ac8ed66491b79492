import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { ContextToolsError } from '../errors.ts'

interface Waiting {
  resolve(content: Buffer | null): void
  reject(error: unknown): void
}

/** Reads blobs through one `git cat-file --batch` process; answers come in the order asked. */
export class BlobReader implements AsyncDisposable {
  readonly #root: string
  #child: ChildProcessWithoutNullStreams | null = null
  #waiting: Waiting[] = []
  #buffer: Buffer = Buffer.alloc(0)
  #chunks: Buffer[] = []
  #need = 0
  /** Ids asked for in this turn of the event loop: one write for all of them. */
  #asked = ''
  #held = 0

  constructor(root: string) {
    this.#root = root
  }

  /** Content of an object, or `null` when git does not have it. */
  read(oid: string): Promise<Buffer | null> {
    const child = this.#start()
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      if (this.#asked === '')
        queueMicrotask(() => {
          child.stdin.write(this.#asked)
          this.#asked = ''
        })
      this.#asked += `${oid}\n`
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null) return
    child.stdin.end()
    await new Promise((resolve) => (child.exitCode === null ? child.once('close', resolve) : resolve(undefined)))
  }

  #start(): ChildProcessWithoutNullStreams {
    if (this.#child !== null) return this.#child
    const child = spawn('git', ['cat-file', '--batch'], {
      cwd: this.#root,
      env: { ...process.env, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
    })
    child.stdout.on('data', (chunk: Buffer) => this.#take(chunk))
    child.stdin.on('error', () => {})
    const fail = (cause?: unknown) => {
      const error = new ContextToolsError('CONTEXT_GIT_FAILED', `git cat-file ended early in ${this.#root}`, { cause })
      for (const waiting of this.#waiting.splice(0)) waiting.reject(error)
      if (this.#child === child) this.#child = null
    }
    child.on('error', fail)
    child.on('close', () => fail())
    this.#child = child
    return child
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#held += chunk.length
    if (this.#held < this.#need) return
    this.#buffer = Buffer.concat(this.#chunks)
    while (this.#answer());
    this.#chunks = this.#buffer.length === 0 ? [] : [this.#buffer]
    this.#held = this.#buffer.length
  }

  #answer(): boolean {
    const end = this.#buffer.indexOf(10)
    if (end < 0) {
      this.#need = 0
      return false
    }
    const header = this.#buffer.subarray(0, end).toString('utf8')
    const size = /^\S+ blob (\d+)$/.exec(header)?.[1]
    const other = size === undefined ? /^\S+ \S+ (\d+)$/.exec(header)?.[1] : undefined
    const length = size ?? other
    const total = length === undefined ? end + 1 : end + 1 + Number(length) + 1
    if (this.#buffer.length < total) {
      this.#need = total
      return false
    }
    this.#need = 0
    const content = size === undefined ? null : Buffer.from(this.#buffer.subarray(end + 1, total - 1))
    this.#buffer = this.#buffer.subarray(total)
    this.#waiting.shift()?.resolve(content)
    return true
  }
}
