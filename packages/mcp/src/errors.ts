import { type ErrorContext, VectraError } from '@vectra/schemas'

/**
 * What `@vectra/mcp` may refuse.
 *
 * - `MCP_SPAWN`: a server's program could not be started.
 * - `MCP_CONNECT`: it started, or was addressed, and did not complete the handshake.
 * - `MCP_TIMEOUT`: a server did not answer in time.
 * - `MCP_AUTH`: a server wants credentials it was not given.
 * - `MCP_TOOLS`: a server lacks the tools that its kind is known by.
 * - `MCP_TOOL_FAILED`: a tool said that it failed, openly or hidden in a success.
 * - `MCP_RESULT`: a tool's answer is not what its kind answers.
 * - `MCP_ADDRESS`: an address that is refused: not loopback, or no token.
 * - `MCP_PORT_IN_USE`: another program listens on the port.
 * - `MCP_ARGUMENT`: an argument that names nothing, or says nothing.
 * - `MCP_CURSOR`: a cursor of another question.
 * - `MCP_CONFIG`: a configuration file that cannot be read or changed safely.
 * - `MCP_SQL_PROCESS`: the process that runs SQL died, or was ended for using too much.
 * - `MCP_MIGRATION`: a migration that cannot go on; running it again continues it.
 */
export type McpErrorCode =
  | 'MCP_SPAWN'
  | 'MCP_CONNECT'
  | 'MCP_TIMEOUT'
  | 'MCP_AUTH'
  | 'MCP_TOOLS'
  | 'MCP_TOOL_FAILED'
  | 'MCP_RESULT'
  | 'MCP_ADDRESS'
  | 'MCP_PORT_IN_USE'
  | 'MCP_ARGUMENT'
  | 'MCP_CURSOR'
  | 'MCP_CONFIG'
  | 'MCP_SQL_PROCESS'
  | 'MCP_MIGRATION'

/** Error of this package. */
export class McpError extends VectraError {
  override readonly name = 'McpError'
  declare readonly code: McpErrorCode

  constructor(code: McpErrorCode, message: string, options: { cause?: unknown; context?: ErrorContext } = {}) {
    super(code, message, options)
  }
}
