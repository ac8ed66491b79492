import type { IndexState } from '../check/boxes.ts'
import type { RecentNote } from '../use/show.ts'

/** What a run of the command touches: a test passes its own. */
export interface CommandIo {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  /** All of standard input; asked only by hooks. */
  readonly stdin: () => Promise<string>
  /** Day for waivers, `YYYY-MM-DD`. */
  readonly today: string
  /** Notes for `show` and `slash`, newest first, some ten at most; a caller with a store of notes gives it. */
  readonly notes?: () => Promise<readonly RecentNote[]>
  /** What the vector index holds, for `check --indexed`; a caller with an index gives it. `null`: nothing was indexed yet. */
  readonly index?: () => Promise<IndexState | null>
}

/** Exit codes, as everywhere in Vectra. */
export const EXIT = { ok: 0, failure: 1, usage: 2, badData: 65, cannotWrite: 73, badConfig: 78 } as const

/** A wrong command line: printed with the usage, exit code 2. */
export class UsageError extends TypeError {
  override readonly name = 'UsageError'
}

/** Streams and clock of this process. */
export function processIo(): CommandIo {
  return {
    cwd: process.cwd(),
    env: process.env,
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    stdin: async () => {
      if (process.stdin.isTTY) return ''
      const chunks: Buffer[] = []
      for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
      return Buffer.concat(chunks).toString('utf8')
    },
    today: new Date().toISOString().slice(0, 10),
  }
}
