import { VectraError } from '@vectra/schemas'

/** `SIM_OPTION`: an option has no meaning. `SIM_LISTEN`: the port cannot be used. `SIM_CLOSED`: the simulator was closed. `SIM_WAIT`: what was waited for did not come. */
export type SimulatorErrorCode = 'SIM_OPTION' | 'SIM_LISTEN' | 'SIM_CLOSED' | 'SIM_WAIT'

/** Every error this package raises on purpose. */
export class SimulatorError extends VectraError {
  override readonly name = 'SimulatorError'

  constructor(
    code: SimulatorErrorCode,
    message: string,
    options: { cause?: unknown; context?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(code, message, options)
  }
}
