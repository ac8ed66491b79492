import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '@vectra/schemas'
import { Server, type Socket } from 'socket.io'
import { randomSeed, systemClock } from '../env.ts'
import { SimulatorError } from '../errors.ts'
import { preparedParser } from '../wire/encoder.ts'
import { prepare } from '../wire/prepared.ts'
import type { Account } from '../world/accounts.ts'
import type { Outgoing, RoundState } from '../world/outgoing.ts'
import { openStream } from '../world/streams.ts'
import { createWorld, type WorldOptions } from '../world/world.ts'
import type { ChaosOptions } from './chaos.ts'
import { type HeardRequest, openControl, type SimulatorControl } from './control.ts'
import { openDriver } from './driver.ts'
import type { FaultKind, InjectedFault } from './faults.ts'
import { openFeed } from './feed.ts'
import { BROKEN_TEXT, beHalfOpen, closeTransport } from './transport.ts'

/** How to run a simulator. Everything has a default; `{}` is a server on a free loopback port at real speed. */
export interface SimulatorOptions extends Omit<WorldOptions, 'seed' | 'clockSkewMs'> {
  /** The same seed (and `startAt`) gives the same games and frames. Random by default. */
  readonly seed?: string
  /** 0, the default, takes any free port. */
  readonly port?: number
  /** `127.0.0.1` by default: a simulator has no business on other interfaces. */
  readonly host?: string
  /** Simulated per real time, 1 to 1000. */
  readonly speed?: number
  /** Time stands still until the control moves it. */
  readonly paused?: boolean
  /** Time begins with the first connection, so that whoever it is misses nothing. */
  readonly waitForClient?: boolean
  readonly chaos?: ChaosOptions
  /** Connection state recovery: events then carry an offset as a last argument. */
  readonly recovery?: boolean
  readonly clock?: Clock
  /** Hears everything the world says, before faults: what a client that misses nothing would get. */
  readonly onOutgoing?: (outgoing: Outgoing) => void
}

/** Requests remembered for the control. */
const MAX_REQUESTS = 10_000

/** Numbers about a running simulator. */
export interface SimulatorStats {
  readonly connections: number
  readonly frames: number
  readonly games: number
  /** Real milliseconds by which the world is behind its speed. */
  readonly lagMs: number
}

/** A running simulator. */
export interface Simulator extends AsyncDisposable {
  /** For a Socket.IO client: `http://127.0.0.1:<port>`. */
  readonly url: string
  readonly port: number
  readonly seed: string
  readonly startAt: number
  readonly control: SimulatorControl
  stats(): SimulatorStats
  /** Closes all connections and the port. Calling it twice is fine. */
  close(): Promise<void>
}

/**
 * Starts a server that speaks the game's protocol.
 *
 * @throws SimulatorError `SIM_OPTION`, `SIM_LISTEN`
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { chaos = {}, clock = systemClock(), speed = 1, host = '127.0.0.1' } = options
  if (!(speed >= 1 && speed <= 1000))
    throw new SimulatorError('SIM_OPTION', `speed is from 1 to 1000, not ${speed}`, { context: { speed } })
  const seed = options.seed ?? randomSeed()
  const startAt = options.startAt ?? (options.seed === undefined ? Math.floor(clock.now() / 1000) : undefined)
  const faults: InjectedFault[] = []
  const requests: HeardRequest[] = []
  const listeners = new Set<(state: RoundState | null) => void>()
  const sockets = new Map<Socket, Account | null>()
  let frames = 0
  let closed = false
  let waiting = options.waitForClient === true && options.paused !== true

  const http = createServer()
  const io = new Server(http, {
    serveClient: false,
    cors: { origin: true, credentials: true },
    parser: preparedParser,
    perMessageDeflate: false,
    transports: chaos.polling === true ? ['polling'] : ['websocket', 'polling'],
    ...(options.recovery === true ? { connectionStateRecovery: {} } : {}),
  })
  const world = createWorld(
    { ...worldOptions(options), seed, ...(startAt === undefined ? {} : { startAt }), clockSkewMs: chaos.skewMs ?? 0 },
    (outgoing) => {
      frames += 1
      options.onOutgoing?.(outgoing)
      feed.send(outgoing)
      if (outgoing.to === 'all' && outgoing.event.name === 'gameStateUpdate')
        for (const listener of [...listeners]) listener(world.state())
    },
  )
  const note = (kind: FaultKind, connection: string | null, event: string | null, sizeBytes: number | null = null): void => {
    const { gameId, tick, cooldownTimer } = world.state()
    faults.push({ kind, at: Math.floor(clock.now() / 1000), connection, event, gameId, tick, cooldownTimer, sizeBytes })
  }
  const feed = openFeed({
    io,
    chaos,
    clock,
    streamOf: (connection) => openStream(seed, `chaos/${connection}`),
    onFault: (kind, socket, event, size) => note(kind, socket.id, event, size),
  })
  const driver = openDriver({ world, clock, speed, paused: options.paused ?? options.waitForClient ?? false })
  const chooser = openStream(seed, 'chaos')

  io.use((socket, next) => {
    const token: unknown = socket.handshake.auth.token
    const account = token === undefined || token === null ? null : world.accounts.find(token)
    if (account === undefined) {
      next(
        Object.assign(new Error('unauthorized'), {
          data: { code: 'BAD_TOKEN', message: 'no player has this token; sim:<name> always works' },
        }),
      )
      return
    }
    sockets.set(socket, account)
    next()
  })
  io.on('connection', (socket) => {
    const account = sockets.get(socket) ?? null
    feed.add(socket, account?.person.id ?? null)
    if (account !== null) world.players.enter(account)
    feed.greet(socket, 'gameStateUpdate', [world.connectFrame()], world.staleConnect())
    for (const event of world.greeting()) feed.greet(socket, event.name, event.args, false)
    if (account !== null) {
      world.players.welcome(account)
      driver.poke()
    }
    if (waiting) driver.resume()
    waiting = false
    socket.onAny((name: string, ...args: unknown[]) => hear(socket, name, args))
    socket.on('disconnect', () => {
      const left = sockets.get(socket)
      sockets.delete(socket)
      feed.remove(socket)
      if (left != null) world.players.leave(left.person.id)
    })
  })

  function hear(socket: Socket, name: string, args: unknown[]): void {
    const last = args.at(-1)
    const ack = typeof last === 'function' ? (args.pop() as (...values: unknown[]) => void) : null
    requests.push({ name, args, connection: socket.id })
    if (requests.length > 2 * MAX_REQUESTS) requests.splice(0, requests.length - MAX_REQUESTS)
    if (name === 'authenticate') {
      authenticate(socket, args, ack)
      return
    }
    const answer = world.players.request(sockets.get(socket) ?? null, name, args)
    if (answer !== null && ack !== null) world.reply(answer.delay, () => ack(...answer.ack))
    driver.poke()
  }
  /** With the token of the handshake, or one that comes now. The ack's form is not known; real clients do not ask for one. */
  function authenticate(socket: Socket, args: readonly unknown[], ack: ((...values: unknown[]) => void) | null): void {
    const parts = args.filter((arg): arg is Record<string, unknown> => typeof arg === 'object' && arg !== null)
    const token = parts.find((part) => 'token' in part)?.token
    const account = token === undefined ? (sockets.get(socket) ?? undefined) : world.accounts.find(token)
    if (account === undefined) {
      ack?.({ success: false, error: 'UNAUTHENTICATED', message: 'no player has this token' })
      return
    }
    const known = sockets.get(socket)
    if (known?.person.id !== account.person.id) {
      if (known != null) world.players.leave(known.person.id)
      sockets.set(socket, account)
      feed.become(socket, account.person.id)
      world.players.enter(account)
    }
    const trace = parts.find((part) => typeof part.traceparent === 'string')?.traceparent
    world.players.welcome(account, typeof trace === 'string' ? /^00-([0-9a-f]{32})-/.exec(trace)?.[1] : undefined)
    ack?.({ success: true })
    driver.poke()
  }

  const listen = (port: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const failed = (cause: Error): void =>
        reject(
          new SimulatorError('SIM_LISTEN', `cannot listen on ${host}:${port}: ${cause.message}`, {
            cause,
            context: { host, port },
          }),
        )
      http.once('error', failed)
      http.listen(port, host, () => {
        http.off('error', failed)
        resolve((http.address() as AddressInfo).port)
      })
    })
  let port = 0
  try {
    port = await listen(options.port ?? 0)
  } catch (error) {
    driver.close()
    throw error
  }
  const inject: SimulatorControl['inject'] = async (kind) => {
    const open = [...sockets.keys()].filter((socket) => socket.connected)
    const chosen = open[chooser.integer(0, Math.max(0, open.length - 1))]
    if (kind === 'big') {
      note(kind, null, 'simulatorBlob')
      io.emit('simulatorBlob', ...prepare([{ blob: 'x'.repeat(1_000_000) }]))
    } else if (kind === 'restart') {
      note(kind, null, null)
      http.close()
      for (const socket of open) closeTransport(socket)
      await new Promise<void>((resolve) => clock.timer(chaos.restartDownMs ?? 1000, resolve, { keepAlive: true }))
      if (!closed) await listen(port)
    } else if (kind === 'kick') {
      for (const socket of open) {
        note(kind, socket.id, null)
        closeTransport(socket)
      }
    } else if (chosen !== undefined) {
      note(kind, chosen.id, null)
      if (kind === 'malformed') chosen.conn.write(BROKEN_TEXT)
      else if (kind === 'kick_one') closeTransport(chosen)
      else {
        feed.silence(chosen)
        beHalfOpen(chosen)
      }
    }
  }
  const regular: (() => void)[] = []
  const every = (interval: number | undefined, kind: Parameters<typeof inject>[0]): void => {
    if (interval === undefined || interval <= 0) return
    const again = (): void => {
      regular.push(clock.timer(interval, () => void inject(kind).then(again), { keepAlive: false }))
    }
    again()
  }
  every(chaos.kickMs, 'kick')
  every(chaos.halfOpenMs, 'half_open')
  every(chaos.bigMs, 'big')
  every(chaos.restartMs, 'restart')

  const close = async (): Promise<void> => {
    if (closed) return
    closed = true
    driver.close()
    feed.close()
    for (const cancel of regular) cancel()
    for (const listener of [...listeners]) listener(null)
    await io.close()
    http.closeAllConnections()
  }
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    seed,
    startAt: world.options.startAt,
    control: openControl({
      world,
      driver,
      faults,
      requests,
      inject,
      isClosed: () => closed,
      isWaiting: () => waiting,
      onState(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    }),
    stats: () => ({ connections: feed.size, frames, games: world.games().length, lagMs: driver.lagMs() }),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** The part of the options that the world is made from. */
function worldOptions(options: SimulatorOptions): Omit<WorldOptions, 'seed'> {
  const { era, bots, rugProbability, rugTicks, players, quirks } = options
  return {
    ...(era === undefined ? {} : { era }),
    ...(bots === undefined ? {} : { bots }),
    ...(rugProbability === undefined ? {} : { rugProbability }),
    ...(rugTicks === undefined ? {} : { rugTicks }),
    ...(players === undefined ? {} : { players }),
    ...(quirks === undefined ? {} : { quirks }),
  }
}
