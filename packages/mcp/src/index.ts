export { McpError, type McpErrorCode } from './errors.ts'
export { type HttpOptions, type HttpServing, serveVectraHttp } from './server/http.ts'
export { type VectraServerOptions, vectraServer } from './server/server.ts'
export { type Serving, type StdioStreams, serveVectraStdio } from './server/stdio.ts'
