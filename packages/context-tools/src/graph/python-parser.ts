import { Worker } from 'node:worker_threads'
import type { BusPatterns, FileFacts } from './facts.ts'
import { extractPython, loadPython } from './python.ts'

/** One file for the thread. */
export interface PythonTask {
  readonly id: number
  readonly path: string
  readonly text: string
  readonly bus: BusPatterns
}

/** Its facts; `null` when the thread could not say, and the caller has to. */
export interface PythonAnswer {
  readonly id: number
  readonly facts: FileFacts | null
}

/**
 * Parses Python files: a few in this thread, many in one of their own, so that the grammar works while this thread reads
 * TypeScript and Markdown. The answers are the same; a thread that cannot start or dies is done without.
 */
export class PythonParser {
  readonly #waiting = new Map<number, { task: PythonTask; resolve(facts: FileFacts | null): void }>()
  #worker: Worker | null = null
  #failed = false
  #next = 0
  #batch: PythonTask[] = []

  /** Says that many files will come: starts the thread. */
  expectMany(): void {
    if (this.#worker !== null || this.#failed) return
    const source = import.meta.url.endsWith('.ts')
    try {
      this.#worker = new Worker(new URL(source ? '../python-thread.ts' : './python-thread.js', import.meta.url), {
        name: 'vectra-python',
        // A test runner's own flags are not for our threads.
        execArgv: ['--disable-warning=ExperimentalWarning', ...(source ? ['--conditions=@vectra/source'] : [])],
      })
    } catch {
      this.#failed = true
      return
    }
    this.#worker.on('message', (answers: readonly PythonAnswer[]) => {
      for (const { id, facts } of answers) {
        this.#waiting.get(id)?.resolve(facts)
        this.#waiting.delete(id)
      }
      if (this.#waiting.size === 0) this.#worker?.unref()
    })
    this.#worker.on('error', () => this.#fail())
    this.#worker.on('exit', () => this.#fail())
    this.#worker.unref()
  }

  /** Facts of one file. @throws ContextToolsError CONTEXT_GRAMMAR_FAILED */
  async facts(path: string, text: string, bus: BusPatterns): Promise<FileFacts> {
    const elsewhere = this.#worker === null ? null : await this.#ask(path, text, bus)
    if (elsewhere !== null) return elsewhere
    await loadPython()
    return extractPython(path, text, bus)
  }

  /** Ends the thread. */
  close(): void {
    const worker = this.#worker
    this.#fail()
    void worker?.terminate()
  }

  #ask(path: string, text: string, bus: BusPatterns): Promise<FileFacts | null> {
    return new Promise((resolve) => {
      const task = { id: this.#next++, path, text, bus }
      this.#waiting.set(task.id, { task, resolve })
      this.#worker?.ref()
      this.#batch.push(task)
      if (this.#batch.length === 1) queueMicrotask(() => this.#worker?.postMessage(this.#batch.splice(0)))
    })
  }

  #fail(): void {
    this.#failed = true
    this.#worker = null
    this.#batch = []
    for (const { resolve } of this.#waiting.values()) resolve(null)
    this.#waiting.clear()
  }
}
