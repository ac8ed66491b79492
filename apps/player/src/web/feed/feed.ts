/** The page's connection to the gateway, as signals. The only place that talks to the socket. */
import { computed, signal } from '@preact/signals'
import { io, type Socket } from 'socket.io-client'
import {
  type ControlNews,
  type ControlRequest,
  EXTRA,
  FEED_ENDED,
  type FinishedSummary,
  type Hello,
  type Link,
  type OrderAck,
  type OrderMark,
  type OrderNews,
  PROTOCOL,
  type RecordingNews,
  type Snapshot,
  type Truth,
} from '../../protocol/messages.ts'
import { problems } from '../shell/problems.ts'
import { currentToken } from '../shell/token.ts'
import {
  applyAccount,
  applyOwnState,
  applySidebetResult,
  applySnapshot,
  applyState,
  applyTrade,
  EMPTY_VIEW,
  shownRound,
  type View,
} from './view.ts'
import { payloadOf, type WireAccount, type WireSidebetEvent, type WireStanding, type WireState, type WireTrade } from './wire.ts'
import { gate, wireParser } from './wire-parser.ts'

/** Connection of the page to the gateway. */
export type PageLink = 'connecting' | 'up' | 'down' | 'refused'

/** The page's own connection. */
export const pageLink = signal<PageLink>('connecting')
/** First word of the gateway on this connection. */
export const hello = signal<Hello | null>(null)
/** The gateway's connection to what feeds it. */
export const link = signal<Link>({ state: 'waiting', since: null, reason: null })
/** All that is known of the game. */
export const view = signal<View>(EMPTY_VIEW)
/** Finished rounds, newest first. */
export const finishedGames = signal<readonly FinishedSummary[]>([])
/** The account as the gateway read it. */
export const truth = signal<Truth | null>(null)
/** Number of the account that the last truth is about: it follows each one as a message of its own. */
export const truthOf = signal(0)
export const control = signal<ControlNews | null>(null)
export const recording = signal<RecordingNews | null>(null)
export const orderNews = signal<OrderNews | null>(null)
/** Milliseconds by which the gateway's clock is ahead of the page's. */
export const clockOffset = signal(0)
/** Gateway time of the last state frame's arrival, Unix ms. */
export const frameAt = signal<number | null>(null)

/** Parts of the view: who reads one is drawn anew only when that part changed. */
export const account = computed(() => view.value.account)
export const board = computed(() => view.value.board)
export const game = computed(() => view.value.game)
export const identity = computed(() => view.value.identity)
export const own = computed(() => view.value.own)
export const settledBet = computed(() => view.value.settledBet)
export const standing = computed(() => view.value.standing)
export const surroundings = computed(() => view.value.around)
export const trades = computed(() => view.value.trades)
/** Of the running round. */
export const gameId = computed(() => view.value.game?.gameId ?? null)
export const phase = computed(() => view.value.game?.phase ?? null)
/** The round on screen. */
export const round = computed(() => shownRound(view.value))
/** Can anything be ordered right now? Why not, in words; null when it can. */
export const obstacle = computed((): string | null => {
  if (pageLink.value !== 'up') return 'no connection to the gateway'
  if (hello.value?.orders !== true) return 'this is a screen to watch'
  if (link.value.state === 'waiting') return 'waiting for the feed'
  if (link.value.state !== 'connected') return 'the game server is away'
  if (control.value?.killed != null) return 'the kill switch was pulled'
  if (control.value?.ready !== true) return 'not logged in yet'
  if (control.value.armed !== true) return 'not armed'
  return null
})

/** What servers say to a token that is wrong or out of date. */
const REFUSED_LOGIN =
  /unauthori[sz]ed|forbidden|not allowed|(?:invalid|expired|bad|wrong|missing) (?:token|login|credentials)|\b40[13]\b/i

let socket: Socket | null = null
let retry: ReturnType<typeof setTimeout> | undefined
let downTimer: ReturnType<typeof setTimeout> | undefined

/** Connects, for ever. Calling it again with a new token starts over. */
export function connectFeed(): void {
  socket?.close()
  const made = io({
    transports: ['websocket'],
    reconnectionDelay: 250,
    reconnectionDelayMax: 2_000,
    timeout: 5_000,
    auth: (give) => give({ token: currentToken() ?? undefined }),
    parser: wireParser,
  })
  socket = made
  made.on('connect', () => {
    clearTimeout(retry)
    clearTimeout(downTimer)
    pageLink.value = 'up'
    problems.clear('gateway')
    problems.clear('token')
    measureClock(made)
  })
  made.on('disconnect', () => onDown(made))
  made.on('connect_error', (error: Error & { data?: { code?: string } }) => {
    if (error.data?.code === 'PLAYER_TOKEN') onRefused(made)
    else onDown(made)
  })
  listenToGateway(made)
  listenToGame(made)
}

/** Sends an order over the open connection, at once or not at all. @returns whether it left */
export function sendOrder(
  event: 'buyOrder' | 'sellOrder' | 'requestSidebet',
  mark: Omit<OrderMark, 'connection'>,
  payload: object,
  answer: (ack: OrderAck | null) => void,
): boolean {
  const connection = hello.peek()?.connection
  if (socket === null || !socket.connected || connection === undefined) return false
  gate.open = true
  try {
    socket
      .timeout(15_000)
      .emit(event, { ...mark, connection }, payload, (failed: Error | null, ack: OrderAck) => answer(failed ? null : ack))
  } finally {
    gate.open = false
    socket.sendBuffer = []
  }
  return true
}

/** Turns the gateway's switches. */
export function setControl(request: ControlRequest): void {
  if (socket?.connected) socket.emit(EXTRA.control, request, (news: ControlNews) => (control.value = news))
}

function onDown(from: Socket): void {
  if (from !== socket) return
  pageLink.value = 'down'
  // Whether it is armed is the gateway's to say.
  control.value = null
  from.sendBuffer = []
  clearTimeout(downTimer)
  downTimer = setTimeout(() => {
    problems.show('gateway', {
      level: 'wait',
      title: 'The gateway is away',
      detail: 'Nothing is sent while it is gone, and nothing will be sent late.',
      next: 'If vectra was stopped, start it again; this page goes on by itself.',
    })
  }, 800)
}

function onRefused(from: Socket): void {
  if (from !== socket) return
  clearTimeout(downTimer)
  pageLink.value = 'refused'
  problems.clear('gateway')
  problems.show('token', {
    title: currentToken() === null ? 'This page was opened without its token' : 'This page belongs to an earlier run of vectra',
    detail: 'The gateway talks only to pages that know the token of its run.',
    next: 'Open the address that vectra printed, or paste it here.',
    action: { label: 'Paste the address', run: () => (askForToken.value = true) },
  })
  // The run it belongs to may come back.
  clearTimeout(retry)
  retry = setTimeout(() => from.connect(), 3_000)
}

/** Is the sheet that takes an address open? */
export const askForToken = signal(false)

function listenToGateway(from: Socket): void {
  const on = <T>(name: string, take: (message: T) => void): void => void from.on(name, (message: T) => take(message))
  on<Hello>(EXTRA.hello, (message) => {
    if (hello.peek() !== null && hello.peek()?.runId !== message.runId) control.value = null
    hello.value = message
    if (message.protocol === PROTOCOL) problems.clear('version')
    else
      problems.show('version', {
        title: 'This page and the gateway are of different versions',
        detail: `The gateway is vectra ${message.version}.`,
        next: 'Reload the page.',
        action: { label: 'Reload', run: () => location.reload() },
      })
  })
  on<Link>(EXTRA.link, (message) => {
    link.value = message
    const away = message.state === 'disconnected' || message.state === 'stale'
    if (!away) return problems.clear('source')
    if (message.reason === FEED_ENDED)
      return problems.show('source', {
        level: 'wait',
        title: 'Nothing more comes',
        detail: `${message.reason}.`,
        next: 'Start vectra again, or open a recorded game in Replay.',
      })
    if (message.reason !== null && REFUSED_LOGIN.test(message.reason))
      return problems.show('source', {
        title: 'The game server refuses the login',
        detail: `Its answer: ${message.reason}.`,
        next: 'Start vectra again with a token that holds (`VECTRA_PLAY_TOKEN`); the gateway tries the old one meanwhile.',
      })
    problems.show('source', {
      level: 'wait',
      title: message.state === 'stale' ? 'The game server is silent' : 'The game server is away',
      detail: message.reason === null ? '' : `${message.reason}.`,
      next:
        hello.peek()?.feed?.source === 'cdp'
          ? 'Is the browser running (`vectra browser launch`) and the site open in it? The gateway tries again by itself; orders are off until then.'
          : 'The gateway tries again by itself; orders are off until it is back.',
    })
  })
  on<Snapshot>(EXTRA.snapshot, (message) => {
    view.value = applySnapshot(view.peek(), message)
    finishedGames.value = message.history
  })
  on<readonly FinishedSummary[]>(EXTRA.finished, (fresh) => {
    finishedGames.value = [...[...fresh].reverse(), ...finishedGames.peek()].slice(0, 100)
  })
  on<Truth>(EXTRA.truth, (message) => {
    truth.value = message
    truthOf.value = account.peek()?.number ?? 0
  })
  on<ControlNews>(EXTRA.control, (message) => (control.value = message))
  on<OrderNews>(EXTRA.order, (message) => (orderNews.value = message))
  on<RecordingNews>(EXTRA.recording, (message) => {
    recording.value = message
    if (message.fault === null) return problems.clear('recording')
    problems.show('recording', {
      title: 'Nothing is written at the moment',
      detail: `${message.fault}.`,
      next: 'What comes in is held until the disk takes it again; `vectra doctor` says more.',
    })
  })
}

function listenToGame(from: Socket): void {
  const on = <T>(name: string, take: (view: View, payload: T) => View): void => {
    from.on(name, (...args: unknown[]) => {
      const payload = payloadOf<T>(args)
      if (payload !== null) view.value = take(view.peek(), payload)
    })
  }
  on<WireState>('gameStateUpdate', (before, state) => {
    frameAt.value = Date.now()
    return applyState(before, state)
  })
  on<WireAccount>('playerUpdate', applyAccount)
  on<{ gameId: string; leaderboardEntry?: WireStanding }>('gameStatePlayerUpdate', applyOwnState)
  on<WireTrade>('standard/newTrade', applyTrade)
  on<WireSidebetEvent>('currentSidebetResult', applySidebetResult)
  on<{ id: string; username?: string | null }>('usernameStatus', (before, { id, username }) => ({
    ...before,
    identity: { id, username: username ?? null },
  }))
}

/** Offset of the gateway's clock, from the quicker of a few round trips. */
function measureClock(from: Socket): void {
  let best = Number.POSITIVE_INFINITY
  const ask = (left: number): void => {
    const sentAt = Date.now()
    from.timeout(3_000).emit(EXTRA.clock, (failed: Error | null, now: number) => {
      const took = Date.now() - sentAt
      if (failed === null && took < best) {
        best = took
        clockOffset.value = now + took / 2 - Date.now()
        if (Math.abs(clockOffset.peek()) < 2_000) problems.clear('clock')
        else
          problems.show('clock', {
            level: 'wait',
            title: 'Two clocks disagree',
            detail: `This computer's clock and the gateway's are ${Math.round(Math.abs(clockOffset.peek()) / 1_000)} s apart.`,
            next: 'Ages are shown by the gateway’s clock; set the clock of one of them.',
          })
      }
      if (left > 1) setTimeout(() => ask(left - 1), 200)
    })
  }
  ask(3)
}
