import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { startCli } from './run-cli.ts'

const entry = fileURLToPath(new URL('./fixtures/endless-stop.ts', import.meta.url))

it.each([
  ['SIGINT', 'SIGINT', 130],
  ['SIGTERM', 'SIGTERM', 143],
  ['SIGHUP', 'SIGHUP', 143],
  ['SIGTERM', 'SIGINT', 130],
] as const)('%s asks to stop, then %s ends the process at once with exit %d', async (first, second, exit) => {
  const running = startCli(['600000'], { entry })
  await running.seen(/ready/)
  running.child.kill(first)
  await running.seen(new RegExp(`stopping ${first}`))
  running.child.kill(second)
  const { code, stderr } = await running.done
  expect(code).toBe(exit)
  expect(stderr).toMatch(new RegExp(`forced: second ${second}`))
})

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('an end that takes longer than the limit is forced: %s gives exit %d', async (signal, exit) => {
  const running = startCli(['50'], { entry })
  await running.seen(/ready/)
  running.child.kill(signal)
  const { code, stderr } = await running.done
  expect(code).toBe(exit)
  expect(stderr).toMatch(/forced: not stopped after 0\.05 s/)
})

it('an echo of the same signal is no second request: Ctrl-C reaches a process group and once more its child', async () => {
  const running = startCli(['600000', '600000'], { entry })
  await running.seen(/ready/)
  running.child.kill('SIGINT')
  await running.seen(/stopping SIGINT/)
  running.child.kill('SIGINT')
  running.child.kill('SIGTERM')
  const { code, stderr } = await running.done
  expect(code).toBe(143)
  expect(stderr).toMatch(/forced: second SIGTERM/)
})
