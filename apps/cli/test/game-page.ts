import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Is there a browser? Without one the tests skip loudly, and fail in CI. */
export const HAVE_BROWSER = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].some((path) =>
  existsSync(path),
)
if (!HAVE_BROWSER) {
  const reason = 'no Chromium (scripts/setup-chromium.sh installs it): the browser tests are skipped'
  if (process.env.CI === 'true') throw new Error(reason)
  process.stderr.write(`SKIPPED: ${reason}\n`)
}

const ingest = createRequire(fileURLToPath(new URL('../../../packages/ingest/package.json', import.meta.url)))

/** How such a page orders: by itself as soon as it may, or when somebody clicks its controls. */
const ORDERING = {
  alone: `const order = () => socket.emit('buyOrder', { amount: 0.002 }, ({ success }) => success || setTimeout(order, 100))
socket.once('usernameStatus', order)`,
  clicked: `document.body.innerHTML = '<p><span>amount</span> <input id="amount" inputmode="decimal"> <button id="buy">BUY</button></p>'
buy.onclick = () => socket.emit('buyOrder', { amount: Number(amount.value) }, () => {})`,
} as const

/** A page as the game's site is one: a Socket.IO client that is logged in to a feed and can order. */
export async function serveGamePage(
  feed: string,
  token: string,
  ordering: keyof typeof ORDERING = 'alone',
): Promise<AsyncDisposable & { readonly url: string }> {
  const client = readFileSync(join(dirname(ingest.resolve('socket.io/package.json')), 'client-dist/socket.io.min.js'))
  const page = `<body><script src="/client.js"></script><script>window.socket = io(${JSON.stringify(feed)}, { auth: { token: ${JSON.stringify(token)} } })
${ORDERING[ordering]}</script>`
  const server = createServer((request, response) => {
    response.setHeader('content-type', request.url === '/client.js' ? 'text/javascript' : 'text/html')
    response.end(request.url === '/client.js' ? client : page)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
