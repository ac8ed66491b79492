import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { motherDuckAttach, type RemoteSql } from '@vectra/event-store'
import { motherduckClient } from '@vectra/mcp'
import type { Settings } from './config/settings.ts'

/** The other database that the settings name, ready to be spread into the options of the query engine. */
export interface ConfiguredRemote extends AsyncDisposable {
  readonly remote?: RemoteSql
}

/** `query.remote` as a client, or MotherDuck attached by DuckDB's extension (`md:`); nothing is started before the first question. */
export function remoteOf({ values }: Settings, env: Readonly<Record<string, string | undefined>>): ConfiguredRemote {
  const text = values['query.remote'].trim()
  if (text === '' || values['query.engine'] === 'local') return { [Symbol.asyncDispose]: async () => undefined }
  if (text.startsWith('md:')) {
    const attached = motherDuckAttach({
      token: env['motherduck_token'] ?? env['MOTHERDUCK_TOKEN'],
      database: text.slice('md:'.length),
      tempDir: join(tmpdir(), `vectra-motherduck-${process.pid}`),
    })
    return { remote: attached, [Symbol.asyncDispose]: () => attached.close() }
  }
  // Where the local engine may answer instead, nobody waits for the download of a first start.
  const connectMs = values['query.engine'] === 'motherduck' ? 60_000 : 10_000
  const remote: RemoteSql = motherduckClient(addressOf(text, env), { connectMs })
  return { remote, [Symbol.asyncDispose]: () => remote.close() }
}

/** Words of a command line, or an address. Not a shell: there are no quotes and no variables in it. */
function addressOf(text: string, env: Readonly<Record<string, string | undefined>>) {
  const { VECTRA_QUERY_REMOTE_TOKEN, MOTHERDUCK_TOKEN, motherduck_token } = env
  if (/^https?:\/\//.test(text)) {
    return {
      url: text,
      ...(VECTRA_QUERY_REMOTE_TOKEN === undefined ? {} : { headers: { Authorization: `Bearer ${VECTRA_QUERY_REMOTE_TOKEN}` } }),
    }
  }
  const [command = '', ...args] = text.split(/\s+/)
  // Its own caps are far below ours: 1,024 rows and 50,000 characters.
  const caps = args.includes('--max-rows') ? [] : ['--max-rows', '1000000', '--max-chars', '200000000']
  const token = motherduck_token ?? MOTHERDUCK_TOKEN
  const known = /mcp-server-motherduck/.test(text)
  return {
    command,
    args: [...args, ...(known ? caps : [])],
    ...(token === undefined ? {} : { env: { motherduck_token: token } }),
  }
}
