import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client'

/** One received event. */
export interface Heard {
  readonly name: string
  readonly args: readonly unknown[]
  /** The last argument: traces come before it. */
  readonly payload: Record<string, unknown>
}

/** A client that remembers what it heard and can wait for more. */
export interface Client extends AsyncDisposable {
  readonly socket: Socket
  readonly heard: readonly Heard[]
  /** The first event, heard already or to come, that passes; each call looks from the start. */
  until(test: (heard: Heard) => boolean): Promise<Heard>
  connected(): Promise<void>
  close(): void
}

/** Connects to a simulator; `token` logs in. */
export function openClient(url: string, options: Partial<ManagerOptions & SocketOptions> & { token?: string } = {}): Client {
  const { token, ...rest } = options
  const socket = io(url, {
    transports: ['websocket'],
    forceNew: true,
    reconnectionDelay: 20,
    reconnectionDelayMax: 50,
    ...(token === undefined ? {} : { auth: { token } }),
    ...rest,
  })
  const heard: Heard[] = []
  const waiting = new Set<(one: Heard) => void>()
  socket.onAny((name: string, ...args: unknown[]) => {
    const one = { name, args, payload: (args.at(-1) ?? {}) as Record<string, unknown> }
    heard.push(one)
    for (const check of [...waiting]) check(one)
  })
  return {
    socket,
    heard,
    until(test) {
      const known = heard.find(test)
      if (known !== undefined) return Promise.resolve(known)
      return new Promise((resolve) => {
        const check = (one: Heard): void => {
          if (!test(one)) return
          waiting.delete(check)
          resolve(one)
        }
        waiting.add(check)
      })
    },
    connected: () =>
      new Promise((resolve) => {
        if (socket.connected) resolve()
        else socket.once('connect', () => resolve())
      }),
    close: () => void socket.close(),
    async [Symbol.asyncDispose]() {
      socket.close()
    },
  }
}

/** A state frame. */
export function isState(heard: Heard): boolean {
  return heard.name === 'gameStateUpdate'
}
