import { EventStoreError } from '@vectra/event-store'
import { expect, it } from 'vitest'
import { failureOf } from '../src/failure.ts'

it('of an error whose clean-up failed as well, the first one speaks', () => {
  const full = new EventStoreError('STORE_DISK_FULL', 'disk full: could not write x', { context: { path: 'x' } })
  const closing = new EventStoreError('STORE_ENCODE', 'parts are missing')
  const thrown = new SuppressedError(new Error('the display, too'), new SuppressedError(closing, full))
  expect(failureOf(thrown)).toMatchObject({ code: 'STORE_DISK_FULL', exitCode: 73, message: full.message })
})
