import type { Era, SimulatorOptions } from '@vectra/simulator'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { plural } from '../terminal/units.ts'

/** Options of `vectra sim`, and the simulator's part of `vectra demo`. */
export interface SimOptions {
  readonly seed?: string
  readonly speed: number
  readonly port: number
  readonly bots: number
  readonly era: Era
  readonly chaos?: string
  readonly recovery?: boolean
  readonly rugTicks?: readonly number[]
}

/** `vectra sim`: a server that behaves like the real one, on this machine, until stopped. */
export async function sim(context: CommandContext, _operands: readonly string[], options: SimOptions): Promise<ExitCode> {
  const { io, signal } = context
  const { startSimulator } = await import('@vectra/simulator')
  const log = await context.log(await context.settings())
  await using server = await simulatorErrors(async () => startSimulator(await simulatorOptions(options)))
  const facts = {
    url: server.url,
    port: server.port,
    seed: server.seed,
    start_at: server.startAt,
    era: options.era,
    speed: options.speed,
    bots: options.bots,
  }
  if (context.json) await io.line(JSON.stringify({ event: 'listening', ...facts }))
  else {
    io.say(
      `simulating ${options.era} on ${server.url} (×${options.speed}, ${plural(options.bots, 'bot')}, seed ${server.seed}, start ${server.startAt})`,
    )
    io.say(
      `watch it: any Socket.IO client; play: handshake auth {"token":"sim:yourname"}; record it: vectra record --url ${server.url}`,
    )
  }
  const startedAt = performance.now()
  {
    using _status = context.display.show(
      {
        text: () => {
          const { gameId, phase, tick, price, cooldownTimer } = server.control.state()
          const { connections, lagMs } = server.stats()
          return `${server.url}  ${gameId}  ${phase} ${phase === 'active' || phase === 'rugged' ? `tick ${tick} ${price.toFixed(4)}x` : `${cooldownTimer} ms`}  ${plural(connections, 'client')}${lagMs > 100 ? `  ${Math.round(lagMs)} ms behind` : ''}`
        },
        fields: () => ({ ...server.stats(), ...server.control.state() }),
      },
      log,
      { quiet: context.quiet },
    )
    await aborted(signal)
  }
  const { frames, games } = server.stats()
  const faults = server.control.faults().length
  await server.close()
  await io.line(
    JSON.stringify({
      ...(context.json ? { event: 'stopped' } : {}),
      ...facts,
      frames,
      games,
      faults,
      elapsed_ms: Math.round(performance.now() - startedAt),
      exit: 'clean',
    }),
  )
  return EXIT.ok
}

/** What the simulator needs of the options; chaos is read here, so that a wrong word in it is a usage error. */
export async function simulatorOptions({
  seed,
  speed,
  port,
  bots,
  era,
  chaos,
  recovery,
  rugTicks,
}: SimOptions): Promise<SimulatorOptions> {
  const { parseChaos } = await import('@vectra/simulator')
  return {
    ...(seed === undefined ? {} : { seed }),
    speed,
    port,
    bots,
    era,
    ...(chaos === undefined ? {} : { chaos: parseChaos(chaos) }),
    ...(recovery === true ? { recovery } : {}),
    ...(rugTicks === undefined ? {} : { rugTicks }),
  }
}

/** Runs `start` and gives the simulator's errors their exit codes. */
export async function simulatorErrors<T>(start: () => Promise<T>): Promise<T> {
  try {
    return await start()
  } catch (error) {
    const { SimulatorError } = await import('@vectra/simulator')
    if (!(error instanceof SimulatorError)) throw error
    if (error.code === 'SIM_LISTEN')
      throw new CliError('CLI_PORT_IN_USE', error.message, {
        exitCode: EXIT.tryAgain,
        hint: 'another --port, or :0 for any free one',
        cause: error,
      })
    throw new CliError('CLI_USAGE', error.message, {
      exitCode: EXIT.usage,
      hint: 'vectra sim --help lists the options',
      cause: error,
    })
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })
}
