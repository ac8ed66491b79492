import type { CdpClient } from './client.ts'

/**
 * URLs of the WebSockets that are open in a target, by asking its heap. For sockets older than our attaching: nobody
 * announces those, and their frames name no URL.
 */
export async function openSocketUrls(client: CdpClient, sessionId: string): Promise<string[]> {
  const prototype = (await client.send('Runtime.evaluate', { expression: 'WebSocket.prototype' }, sessionId))['result'] as
    | { objectId?: string }
    | undefined
  if (prototype?.objectId === undefined) return []
  try {
    const found = await client.send('Runtime.queryObjects', { prototypeObjectId: prototype.objectId }, sessionId)
    const { objectId } = found['objects'] as { objectId: string }
    const functionDeclaration = 'function () { return this.filter((s) => s.readyState < 2).map((s) => s.url) }'
    const answer = await client.send('Runtime.callFunctionOn', { objectId, functionDeclaration, returnByValue: true }, sessionId)
    client.tell('Runtime.releaseObject', { objectId }, sessionId)
    const value = (answer['result'] as { value?: unknown } | undefined)?.value
    return Array.isArray(value) ? value.map(String) : []
  } finally {
    client.tell('Runtime.releaseObject', { objectId: prototype.objectId }, sessionId)
  }
}
