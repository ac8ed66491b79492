import { type ErrorContext, VectraError } from '@vectra/schemas'

/** What can go wrong in the player's server. */
export type PlayerErrorCode =
  /** The port is taken. */
  | 'PLAYER_PORT_IN_USE'
  /** The port cannot be listened on for another reason. */
  | 'PLAYER_LISTEN'
  /** There is no data directory to read. */
  | 'PLAYER_NO_DATA'

/** An error of this package; `code` is stable. */
export class PlayerError extends VectraError {
  override readonly name = 'PlayerError'
  declare readonly code: PlayerErrorCode

  constructor(code: PlayerErrorCode, message: string, options: { cause?: unknown; context?: ErrorContext } = {}) {
    super(code, message, options)
  }
}
