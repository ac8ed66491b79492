import { createServer } from 'node:net'
import { plainAddress } from '@vectra/ingest'
import { type Finding, fault, ok, skipped, warning } from './finding.ts'

const WAIT_MS = 3_000

/** The feed's server as it answered. */
export interface FeedAnswer {
  readonly finding: Finding
  /** How far its clock is ahead of ours, in ms; null when it did not say. */
  readonly aheadMs: number | null
}

/** Does the feed's server answer at all, and what time does it have? */
export async function checkFeed(url: string, path: string): Promise<FeedAnswer> {
  const address = new URL(path.endsWith('/') ? path : `${path}/`, url.replace(/^ws/, 'http'))
  address.searchParams.set('EIO', '4')
  address.searchParams.set('transport', 'polling')
  const shown = plainAddress(url)
  const headers = withoutCredentials(address)
  try {
    const begun = Date.now()
    const answer = await fetch(address, { headers, signal: AbortSignal.timeout(WAIT_MS), redirect: 'manual' })
    const middle = (begun + Date.now()) / 2
    await answer.body?.cancel()
    const date = Date.parse(answer.headers.get('date') ?? '')
    // A Date header has whole seconds: half of one is the best guess.
    const aheadMs = Number.isNaN(date) ? null : date + 500 - middle
    const finding =
      answer.status < 500 && answer.status !== 404
        ? ok('feed', `${shown} answers`)
        : warning(
            'feed',
            `${shown} answers with ${answer.status}`,
            'check record.url and record.path: vectra config show --origin',
          )
    return { finding, aheadMs }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    const why =
      cause instanceof Error ? ('code' in cause && typeof cause.code === 'string' ? cause.code : cause.message) : String(cause)
    return {
      finding: warning(
        'feed',
        `${shown} does not answer (${why})`,
        'check the network and record.url; a recorder goes on trying for ever once it was connected',
      ),
      aheadMs: null,
    }
  }
}

/** Takes user and password out of an address, which `fetch` refuses to ask with them; gives them as a header. */
function withoutCredentials(address: URL): Record<string, string> {
  const { username, password } = address
  if (username === '' && password === '') return {}
  address.username = ''
  address.password = ''
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** Is the port for status and metrics free, or a recorder's of ours? */
export async function checkPort(port: number | 'auto' | 'off', usual: number): Promise<Finding> {
  if (port === 'off') return skipped('ops_port', 'switched off')
  const wanted = port === 'auto' ? usual : port
  if (wanted === 0 || (await isFree(wanted))) return ok('ops_port', wanted === 0 ? 'any free one' : `${wanted} is free`)
  if (await isRecorder(wanted)) return ok('ops_port', `${wanted} is a recorder's, which is running`)
  const found = `${wanted} is taken by another program`
  return port === 'auto'
    ? warning(
        'ops_port',
        `${found}; a recorder takes any free one instead`,
        `see who it is: ss -ltnp 'sport = :${wanted}'; or choose one: --ops-port`,
      )
    : fault('ops_port', found, `choose another --ops-port (record.opsPort), or end it: ss -ltnp 'sport = :${wanted}'`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

async function isRecorder(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(WAIT_MS) })
    const { status, pid } = (await answer.json()) as { status?: unknown; pid?: unknown }
    return status === 'ok' && typeof pid === 'number'
  } catch {
    return false
  }
}
