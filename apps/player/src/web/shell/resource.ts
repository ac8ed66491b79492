import { useSignal } from '@preact/signals'
import { useCallback, useEffect, useState } from 'preact/hooks'
import { ApiProblem, apiJson } from './api.ts'

/** What was asked of the gateway, and how far it is. The last good value stays while the next one comes. */
export interface Resource<T> {
  readonly value: T | null
  readonly problem: ApiProblem | null
  readonly loading: boolean
  readonly reload: () => void
}

/** Asks the gateway for a path, again when the path changes; null asks nothing. A request that nobody waits for is aborted. */
export function useResource<T>(path: string | null): Resource<T> {
  const [state, setState] = useState<{
    readonly path: string | null
    readonly value: T | null
    readonly problem: ApiProblem | null
  }>({
    path: null,
    value: null,
    problem: null,
  })
  const [round, setRound] = useState(0)
  const reload = useCallback(() => setRound((number) => number + 1), [])
  useEffect(() => {
    if (path === null) return
    const stop = new AbortController()
    apiJson<T>(path, { signal: stop.signal }).then(
      (value) => setState({ path, value, problem: null }),
      (error: unknown) => {
        if (!stop.signal.aborted) setState({ path, value: null, problem: asProblem(error) })
      },
    )
    return () => stop.abort()
  }, [path, round])
  return {
    value: state.value,
    problem: state.path === path ? state.problem : null,
    loading: path !== null && state.path !== path,
    reload,
  }
}

/** Any error in the one form that can be shown. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error
  const message = error instanceof Error ? error.message : String(error)
  return new ApiProblem(0, { error: { code: 'PLAYER_PAGE', message, next: 'Reload the page.' } })
}

/** One question at a time, asked by hand: a new one ends the one before, and leaving the screen ends all. */
export interface Asking {
  readonly busy: boolean
  readonly problem: ApiProblem | null
  /** The answer; undefined when it failed (then `problem` says why) or was cancelled. */
  ask<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined>
  cancel(): void
}

/** Asks the gateway when somebody presses a button. */
export function useAsk(): Asking {
  const running = useSignal<AbortController | null>(null)
  const problem = useSignal<ApiProblem | null>(null)
  useEffect(() => () => running.peek()?.abort(), [])
  return {
    busy: running.value !== null,
    problem: problem.value,
    async ask(work) {
      running.peek()?.abort()
      const mine = new AbortController()
      running.value = mine
      problem.value = null
      try {
        return await work(mine.signal)
      } catch (error) {
        if (!mine.signal.aborted) problem.value = asProblem(error)
        return undefined
      } finally {
        if (running.peek() === mine) running.value = null
      }
    },
    cancel: () => running.peek()?.abort(),
  }
}
