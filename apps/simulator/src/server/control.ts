import { SimulatorError } from '../errors.ts'
import type { RoundState } from '../world/outgoing.ts'
import type { SimulatedGame, World } from '../world/world.ts'
import type { Driver } from './driver.ts'
import type { FaultKind, InjectedFault } from './faults.ts'

/** Phase to wait for, or any question about the round. */
export type Condition = RoundState['phase'] | ((state: RoundState) => boolean)

/** A logged-in player as the server sees them. */
export interface PlayerState {
  readonly id: string
  readonly cash: string
  readonly practice: string
  readonly positionQty: string
  readonly pnl: string
}

/**
 * The test's hand on the server: time, rugs, balances and faults, without a single sleep.
 *
 * While paused nothing happens but what is asked for; answers to requests come at once.
 */
export interface SimulatorControl {
  state(): RoundState
  /** Finished simulated games, oldest first, with their seeds and prices. */
  games(): readonly SimulatedGame[]
  pause(): void
  resume(): void
  setSpeed(speed: number): void
  /** Paused: runs to the next state frame, and returns the round after it. */
  step(): Promise<RoundState>
  /** Paused: lets this much simulated time pass. */
  advance(simulatedMs: number): Promise<RoundState>
  /**
   * Settles with the first state that meets the condition; the present one counts. Paused, it runs the world there by itself.
   *
   * @throws SimulatorError `SIM_WAIT` after `limitMs` of simulated time (2 h), `SIM_CLOSED` when the simulator closes
   */
  waitFor(condition: Condition, options?: { limitMs?: number }): Promise<RoundState>
  /**
   * Makes a game rug at a tick. `next` looks for a seed that does it by itself, so that the game still verifies;
   * `current` overrules the seed that was already committed to.
   */
  rugAt(tick: number, game?: 'current' | 'next'): void
  /** Sets balances of a player, by token. */
  setBalance(token: string, balances: { solana?: string; practice?: string }): void
  player(token: string): PlayerState
  /** Any event to everybody, without trace: for names and payloads nobody expects. */
  emit(name: string, ...args: unknown[]): void
  /** Injects one fault now: closes all connections or one, silences one, sends rubbish or a megabyte, goes down. */
  inject(kind: Extract<FaultKind, 'kick' | 'kick_one' | 'half_open' | 'malformed' | 'big' | 'restart'>): Promise<void>
  /** Everything that was done to connections and frames so far. */
  faults(): readonly InjectedFault[]
  /** Requests that arrived, in order, the newest 10,000 at least: what clients really sent. */
  requests(): readonly HeardRequest[]
}

/** A request as it arrived. */
export interface HeardRequest {
  readonly name: string
  readonly args: readonly unknown[]
  /** Socket.IO id of the connection. */
  readonly connection: string
}

const LIMIT_MS = 7_200_000

/** What the control needs of the server around it. */
export interface ControlParts {
  readonly world: World
  readonly driver: Driver
  readonly faults: readonly InjectedFault[]
  readonly requests: readonly HeardRequest[]
  readonly inject: SimulatorControl['inject']
  /** Calls back after each state frame until the returned function is called; `null` when the simulator closed. */
  onState(listener: (state: RoundState | null) => void): () => void
  isClosed(): boolean
  /** Paused only until the first client comes: then time passes by itself. */
  isWaiting(): boolean
}

/** Puts the control together. */
export function openControl({
  world,
  driver,
  faults,
  requests,
  inject,
  onState,
  isClosed,
  isWaiting,
}: ControlParts): SimulatorControl {
  const requireOpen = (): void => {
    if (isClosed()) throw new SimulatorError('SIM_CLOSED', 'the simulator is closed')
  }
  const requirePaused = (): void => {
    requireOpen()
    if (!driver.paused) throw new SimulatorError('SIM_OPTION', 'pause() first: a running world cannot be stepped')
  }
  /** Lets sockets write before the caller goes on. */
  const settle = async (): Promise<RoundState> => {
    world.flushReplies()
    await new Promise<void>((resolve) => setImmediate(resolve))
    return world.state()
  }
  const account = (token: string): { person: { id: string } } => {
    const found = world.accounts.find(token)
    if (found === undefined) throw new SimulatorError('SIM_OPTION', 'no player has this token')
    return found
  }
  const meets = (condition: Condition, state: RoundState): boolean =>
    typeof condition === 'function' ? condition(state) : state.phase === condition
  const runUntilFrame = (): void => {
    let framed = false
    const stop = onState(() => {
      framed = true
    })
    while (!framed) world.step()
    stop()
  }
  return {
    state: world.state,
    games: world.games,
    pause: driver.pause,
    resume: driver.resume,
    setSpeed: driver.setSpeed,
    async step() {
      requirePaused()
      runUntilFrame()
      return settle()
    },
    async advance(simulatedMs) {
      requirePaused()
      driver.advance(simulatedMs)
      return settle()
    },
    async waitFor(condition, { limitMs = LIMIT_MS } = {}) {
      requireOpen()
      const until = world.now() + limitMs
      const late = (): SimulatorError =>
        new SimulatorError('SIM_WAIT', `not met within ${limitMs / 1000} simulated seconds`, {
          context: { state: world.state() },
        })
      if (driver.paused && !isWaiting()) {
        while (!meets(condition, world.state())) {
          if (world.now() > until) throw late()
          world.step()
        }
        return settle()
      }
      if (meets(condition, world.state())) return world.state()
      return new Promise<RoundState>((resolve, reject) => {
        const stop = onState((state) => {
          if (state === null) reject(new SimulatorError('SIM_CLOSED', 'the simulator closed while something was waited for'))
          else if (meets(condition, state)) resolve(state)
          else if (world.now() > until) reject(late())
          else return
          stop()
        })
      })
    },
    rugAt: (tick, game = 'current') => world.rugAt(tick, game),
    setBalance(token, balances) {
      world.setBalance(account(token).person.id, balances)
      driver.poke()
    },
    player(token) {
      const { id } = account(token).person
      const view = world.view(id)
      if (view === undefined) throw new SimulatorError('SIM_OPTION', 'this player never logged in')
      return {
        id,
        cash: world.balance(id, 'solana'),
        practice: world.balance(id, 'practice'),
        positionQty: view.positionQty.toFixed(),
        pnl: view.pnl.toFixed(),
      }
    },
    emit(name, ...args) {
      requireOpen()
      world.emit({ name, args })
    },
    inject,
    faults: () => [...faults],
    requests: () => [...requests],
  }
}
