import { enableCompileCache } from 'node:module'
import { parentPort } from 'node:worker_threads'
import type { PythonAnswer, PythonTask } from './graph/python-parser.ts'

enableCompileCache()
const { extractPython, loadPython } = await import('./graph/python.ts')

parentPort?.on('message', (tasks: readonly PythonTask[]) => void answer(tasks))

async function answer(tasks: readonly PythonTask[]): Promise<void> {
  try {
    await loadPython()
    parentPort?.postMessage(tasks.map(({ id, path, text, bus }): PythonAnswer => ({ id, facts: extractPython(path, text, bus) })))
  } catch {
    parentPort?.postMessage(tasks.map(({ id }): PythonAnswer => ({ id, facts: null })))
  }
}
