import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

const CLIENT = readFileSync(createRequire(import.meta.url).resolve('socket.io-client/dist/socket.io.js'), 'utf8')

/** How the page is built, or misbehaves. */
export type Oddity =
  | 'divs' // buttons are divs with hashed classes, as on the site
  | 'stubborn' // the amount field puts its own value back
  | 'silent' // the buttons do nothing
  | 'wrong' // another amount is sent
  | 'two' // a second BUY button
  | 'no-sell'
  | 'off' // BUY is switched off
  | 'unmarked' // nothing shows which percentage is chosen

/** A page of ours with the site's trading controls, that plays against a simulator. */
export class TradingPage implements AsyncDisposable {
  readonly #http: Server
  readonly #feed: string
  readonly origin: string

  private constructor(http: Server, feed: string, port: number) {
    this.#http = http
    this.#feed = feed
    this.origin = `http://127.0.0.1:${port}`
  }

  static async serve(feed: string): Promise<TradingPage> {
    const http = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://x')
      const script = url.pathname === '/socket.io.js'
      response.setHeader('content-type', script ? 'text/javascript' : 'text/html; charset=utf-8')
      response.end(script ? CLIENT : page(feed, url.searchParams.getAll('odd')))
    })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    return new TradingPage(http, feed, (http.address() as AddressInfo).port)
  }

  /** Is this the feed's socket? */
  readonly match = (url: string): boolean => url.includes(new URL(this.#feed).host) && url.includes('/socket.io/')

  url(...odd: readonly Oddity[]): string {
    return `${this.origin}/?${odd.map((one) => `odd=${one}`).join('&')}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http.closeAllConnections()
    await new Promise((resolve) => this.#http.close(resolve))
  }
}

function page(feed: string, odd: readonly string[]): string {
  const has = (one: Oddity): boolean => odd.includes(one)
  const button = (id: string, inside: string, more = ''): string =>
    has('divs')
      ? `<div id="${id}" class="_x9f3k" style="cursor: pointer" ${more}>${inside}</div>`
      : `<button id="${id}" ${more}>${inside}</button>`
  const amounts = ['+0.001', '+0.01', '+0.1', '+1', '1/2', 'X2', 'MAX'].map((text, n) => button(`a${n}`, text)).join('')
  const percents = [10, 25, 50, 100].map((n) => button(`p${n}`, `${n}%`, `data-percent="${n}"`)).join('')
  return `<!doctype html><title>trade</title>
<header>Wallet <span id="cash">?</span> SOL <input placeholder="search players"></header>
<main><p id="side">${button('sidebet', 'Rug in 10s? Win <b id="win">0</b> SOL')}</p>
<div class="_row1"><span>amount</span><input id="amount" inputmode="decimal" placeholder="0.000">${amounts}</div>
<div class="_row2">${percents}</div>
<div class="_row3">${button('buy', '<span>BUY</span> <span>+<i id="says">0</i> SOL</span>', has('off') ? 'disabled aria-disabled="true"' : '')}
${has('two') ? button('buy2', 'BUY') : ''}${has('no-sell') ? '' : button('sell', 'SELL')}</div></main>
<script src="/socket.io.js"></script><script>
const $ = (id) => document.getElementById(id)
const socket = io(${JSON.stringify(feed)}, { auth: { token: 'sim:ann' }, transports: ['websocket'], reconnectionDelay: 20, reconnectionDelayMax: 50 })
window.socket = socket
socket.on('playerUpdate', (u) => { $('cash').textContent = u.cash })
let amount = '0', percent = null
const trace = () => ({ __trace: true, traceparent: '00-' + [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('') + '-00000000000000aa-01' })
const set = (value) => {
  amount = ${has('stubborn')} ? '0.5' : value
  $('amount').value = amount
  $('says').textContent = Number(amount)
  $('win').textContent = Number(amount) * 4
}
$('amount').addEventListener('input', (e) => set(e.target.value))
for (const b of document.querySelectorAll('[data-percent]')) b.addEventListener('click', () => {
  percent = Number(b.dataset.percent)
  if (!${has('unmarked')}) for (const o of document.querySelectorAll('[data-percent]')) o.setAttribute('aria-pressed', String(o === b))
})
const send = (name, payload) => ${has('silent')} ? undefined : socket.emit(name, trace(), payload, () => {})
const staked = () => Number(amount) * (${has('wrong')} ? 2 : 1)
$('buy').addEventListener('click', () => send('buyOrder', { amount: staked() }))
$('sell')?.addEventListener('click', () => send('sellOrder', { percentage: percent }))
$('sidebet').addEventListener('click', () => send('requestSidebet', { amount: staked(), coinAddress: 'So11111111111111111111111111111111111111112', xPayout: 5 }))
</script>`
}
