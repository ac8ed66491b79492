import {
  createPipeline,
  type DirectOrders,
  type DirectOrdersOptions,
  directOrders,
  type EventSink,
  systemClock,
  systemRandom,
} from '@vectra/ingest'
import type { EventEnvelope } from '@vectra/schemas'
import { type Simulator, type SimulatorOptions, startSimulator } from '@vectra/simulator'
import { type HumanAction, type Player, type PlayerOptions, startPlayer } from '../../src/index.ts'

/** Simulator, a logged-in order socket, its recording in memory, and the player in front. */
export interface Rig extends AsyncDisposable {
  readonly simulator: Simulator
  readonly orders: DirectOrders
  readonly player: Player
  /** Everything that was recorded, in order. */
  readonly recorded: readonly EventEnvelope[]
  /** Human actions as the gateway told them. */
  readonly actions: readonly HumanAction[]
  /** Stops the player and its order socket, keeps the simulator. */
  stopPlayer(): Promise<void>
  /** Starts them again on the same port with the same token. */
  restartPlayer(options?: { token?: string }): Promise<void>
}

/** How to put a rig together. */
export interface RigOptions {
  readonly simulator?: SimulatorOptions
  readonly limits?: Pick<DirectOrdersOptions, 'maxBet' | 'lossLimit'>
  readonly webDir?: string
  readonly token?: string
  /** Token for the game server; default {@link PLAYER_TOKEN}. */
  readonly login?: string
  /** Keep nothing of the recording: for long runs. */
  readonly forget?: boolean
}

/** The token of the player who plays here. */
export const PLAYER_TOKEN = 'sim:vera'

/** Starts everything on free loopback ports. */
export async function openRig(options: RigOptions = {}): Promise<Rig> {
  const [clock, random] = [systemClock(), systemRandom()]
  const simulator = await startSimulator({ seed: 'player', bots: 12, ...options.simulator })
  const recorded: EventEnvelope[] = []
  const actions: HumanAction[] = []
  const sink: EventSink = {
    openSession: async () => ({ lastSeq: 0 }),
    append: async (batch) => void (options.forget === true || recorded.push(...batch)),
    endSession: async () => undefined,
  }
  const start = async (
    over: Partial<PlayerOptions> = {},
  ): Promise<{ orders: DirectOrders; player: Player; stop(): Promise<void> }> => {
    const orders = directOrders({
      url: simulator.url,
      token: options.login ?? PLAYER_TOKEN,
      clock,
      random,
      maxBet: '1',
      lossLimit: '1000',
      ...options.limits,
    })
    const pipeline = createPipeline({ source: orders.source, sink, clock, random })
    const stopping = new AbortController()
    const player = await startPlayer({
      mode: 'demo',
      ...(options.webDir === undefined ? {} : { webDir: options.webDir }),
      ...(options.token === undefined ? {} : { token: options.token }),
      feed: {
        label: 'simulator',
        source: 'ui',
        url: simulator.url,
        events: pipeline.bus.subscribe({ policy: 'lossy' }),
        orders,
        actions: { action: (action) => void actions.push(action), order: () => undefined },
        recording: () => ({ recording: true, events: recorded.length, stored: recorded.length, gaps: 0, fault: null }),
      },
      ...over,
    })
    const running = pipeline.run(stopping.signal)
    return {
      orders,
      player,
      async stop() {
        await player.close()
        await orders.close()
        stopping.abort()
        await running
      },
    }
  }
  let current = await start()
  const stopPlayer = async (): Promise<void> => current.stop()
  return {
    simulator,
    get orders() {
      return current.orders
    },
    get player() {
      return current.player
    },
    recorded,
    actions,
    stopPlayer,
    async restartPlayer({ token } = {}) {
      const { port } = current.player
      current = await start({ port, token: token ?? current.player.token })
    },
    async [Symbol.asyncDispose]() {
      await current.stop()
      await simulator.close()
    },
  }
}
