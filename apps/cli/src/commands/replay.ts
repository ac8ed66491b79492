import { type Speed, serveReplay, systemClock } from '@vectra/ingest'
import type { CommandContext } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { openRecording } from '../recordings.ts'
import { plural } from '../terminal/units.ts'

/** Options of `vectra replay`. */
export interface ReplayOptions {
  /** Port on 127.0.0.1; 0 for any. */
  readonly asServer: number
  readonly speed: Speed
  readonly loop?: boolean
  readonly once?: boolean
}

/** `vectra replay … --as-server`: serves recorded frames, byte for byte, to any Socket.IO client until stopped. */
export async function replay(context: CommandContext, [what = '']: readonly string[], options: ReplayOptions): Promise<ExitCode> {
  const { io, signal } = context
  await using recording = await openRecording(context, what)
  const { records, name } = recording
  const settings = await context.settings()
  const log = await context.log(settings)
  await using server = await serveReplay({
    records,
    clock: systemClock(),
    port: options.asServer,
    speed: options.speed,
    loop: options.loop === true,
  })
  if (context.json)
    await io.line(
      JSON.stringify({
        event: 'listening',
        url: server.url,
        port: server.port,
        replay: name,
        speed: options.speed,
        loop: options.loop === true,
      }),
    )
  else {
    const speed = options.speed === 'max' ? 'as fast as it goes' : `×${options.speed}`
    io.say(
      `serving ${name} on ${server.url} (${speed}${options.loop === true ? ', looping' : ''}); each client starts at the beginning`,
    )
    io.say(`record it: vectra record --url ${server.url} --until-end`)
  }
  const startedAt = performance.now()
  {
    using _status = context.display.show(
      {
        text: () => `${server.url}  ${plural(server.clients, 'client')}  ${plural(server.sent, 'event')} sent`,
        fields: () => ({ url: server.url, clients: server.clients, sent: server.sent }),
      },
      log,
      { quiet: context.quiet },
    )
    await Promise.race([aborted(signal), ...(options.once === true ? [server.done] : [])])
  }
  const { sent } = server
  await server.close()
  await io.line(
    JSON.stringify({
      ...(context.json ? { event: 'stopped' } : {}),
      replay: name,
      sent,
      elapsed_ms: Math.round(performance.now() - startedAt),
      exit: 'clean',
    }),
  )
  return EXIT.ok
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })
}
