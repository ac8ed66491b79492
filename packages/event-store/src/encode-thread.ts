import { parentPort, workerData } from 'node:worker_threads'
import { namedEncoder } from './encoders/named.ts'
import { systemEnv } from './env.ts'
import { type LocalMaterializer, type MaterializeCall, openMaterializer } from './materializer.ts'
import type { EncoderName } from './part-encoder.ts'

/** What the store starts the encoding thread with. */
export interface EncodeThreadData {
  readonly dir: string
  readonly encoder: EncoderName
}

const { dir, encoder } = workerData as EncodeThreadData
const port = parentPort
if (port === null) throw new Error('the encoding thread is started by the store')

const env = systemEnv()
let materializer: LocalMaterializer | undefined
let last: Promise<void> = Promise.resolve()

async function answer(call: MaterializeCall & { readonly id: number }): Promise<void> {
  try {
    materializer ??= await openMaterializer(env, dir, await namedEncoder(encoder, env.fs))
    const value =
      call.kind === 'recover'
        ? await materializer.recover()
        : call.kind === 'materialize'
          ? await materializer.materialize(call.task)
          : await materializer.close()
    port?.postMessage({ id: call.id, ok: true, value })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
    port?.postMessage({ id: call.id, ok: false, code, message: error instanceof Error ? error.message : String(error) })
  }
}

// One call at a time: segments of a session are published in order.
port.on('message', (call: MaterializeCall & { readonly id: number }) => {
  last = last.then(() => answer(call))
})
