import { VectraError } from '@vectra/schemas'

/** `GAME_VERSION_UNKNOWN`: no parameters for that version. `GAME_PHASE`: a table was driven out of order. */
export type GameErrorCode = 'GAME_VERSION_UNKNOWN' | 'GAME_PHASE'

/** Every error this package raises on purpose; wrong arguments are `TypeError`s, refused orders are results. */
export class GameError extends VectraError {
  override readonly name = 'GameError'

  constructor(
    code: GameErrorCode,
    message: string,
    options: { cause?: unknown; context?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(code, message, options)
  }
}
