import { type ErrorContext, VectraError } from '@vectra/schemas/errors'

/** Public, stable codes of {@link ContextToolsError}. */
export type ContextToolsCode =
  | 'CONTEXT_CONFIG_INVALID'
  | 'CONTEXT_FOLDER_MISSING'
  | 'CONTEXT_GIT_FAILED'
  | 'CONTEXT_GRAMMAR_FAILED'
  | 'CONTEXT_HOOK_FILE_INVALID'
  | 'CONTEXT_INSTALL_CONFLICT'
  | 'CONTEXT_PATH_OUTSIDE'
  | 'CONTEXT_WRITE_FAILED'

/** Every error this package raises on purpose; callers test `code`. A false CONTEXT.md is a finding, never an error. */
export class ContextToolsError extends VectraError {
  override readonly name = 'ContextToolsError'

  constructor(code: ContextToolsCode, message: string, options: { cause?: unknown; context?: ErrorContext } = {}) {
    super(code, message, options)
  }
}
