export { PlayerError, type PlayerErrorCode } from './errors.ts'
export type { GatewayFeed } from './gateway/gateway.ts'
export type { PlayerMode } from './protocol/messages.ts'
export { type Player, type PlayerOptions, startPlayer } from './server/player.ts'
