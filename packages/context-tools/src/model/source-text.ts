import type { Node } from 'mdast'
import type { Span } from './types.ts'

/** A text with line starts: turns offsets into line and column, and Markdown nodes into exact slices. */
export class SourceText {
  readonly text: string
  /** 1 when the text begins with a byte order mark, which the Markdown parser does not count. */
  readonly shift: number
  readonly body: string
  readonly #lines: number[] = [0]

  constructor(text: string) {
    this.text = text
    this.shift = text.charCodeAt(0) === 0xfeff ? 1 : 0
    this.body = text.slice(this.shift)
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#lines.push(at + 1)
  }

  get length(): number {
    return this.text.length
  }

  /** Line ending in use, so that inserted lines match their neighbours. */
  get eol(): string {
    return this.text.includes('\r\n') ? '\r\n' : '\n'
  }

  spanOf(start: number, end: number): Span {
    let low = 0
    let high = this.#lines.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#lines[middle] as number) <= start) low = middle
      else high = middle - 1
    }
    return { start, end, line: low + 1, column: start - (this.#lines[low] as number) + 1 }
  }

  span(node: Node): Span {
    return this.spanOf((node.position?.start.offset ?? 0) + this.shift, (node.position?.end.offset ?? 0) + this.shift)
  }

  slice(node: Node): string {
    const { start, end } = this.span(node)
    return this.text.slice(start, end)
  }

  /** Text of a node without its Markdown marks, as a reader sees it. */
  plain(node: Node): string {
    if ('value' in node && typeof node.value === 'string') return node.value
    return 'children' in node ? (node.children as Node[]).map((child) => this.plain(child)).join('') : ''
  }

  /** Lines of a node, fences left out. */
  lines(node: Node): { text: string; span: Span }[] {
    const { start, end } = this.span(node)
    const lines: { text: string; span: Span }[] = []
    for (let at = start; at < end; ) {
      const stop = this.text.indexOf('\n', at)
      const next = stop < 0 || stop >= end ? end : stop
      const text = this.text.slice(at, next).replace(/\r$/, '')
      if (!/^\s*(```|~~~)/.test(text)) lines.push({ text, span: this.spanOf(at, next) })
      at = next + 1
    }
    return lines
  }
}
