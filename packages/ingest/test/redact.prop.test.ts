import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redactFrame } from '../src/redact.ts'
import { captures, captureText } from './support/captures.ts'

const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJkaWQ6cHJpdnk6Y20xIn0.c2lnbmF0dXJlLWJ5dGVz'

describe('redaction', () => {
  it.each([
    ['a token we send', 'sent', '42["authenticate",{"token":"tok_1"}]', '42["authenticate",{"token":"[redacted 5]"}]'],
    [
      'a bare argument',
      'sent',
      '42["authenticate",{"__trace":true},"s3cret"]',
      '42["authenticate",{"__trace":true},"[redacted 6]"]',
    ],
    ['the handshake', 'sent', '40{"token":"abc","v":1}', '40{"token":"[redacted 3]","v":1}'],
    [
      'blanks and order stay',
      'sent',
      '42["x",{ "a" : 1.10, "accessToken" : "zz" }]',
      '42["x",{ "a" : 1.10, "accessToken" : "[redacted 2]" }]',
    ],
    ['a web token anywhere', 'received', `42["x",["${JWT}"]]`, `42["x",["[redacted ${JWT.length}]"]]`],
    [
      'spelled otherwise',
      'received',
      '42["x",{"Private_Key":"k","refresh-token":"r"}]',
      '42["x",{"Private_Key":"[redacted 1]","refresh-token":"[redacted 1]"}]',
    ],
    ['escaped quotes', 'sent', String.raw`42["x",{"token":"a\"b","n":1}]`, '42["x",{"token":"[redacted 4]","n":1}]'],
  ] as const)('%s', (_name, direction, text, expected) => {
    const { text: out, spans } = redactFrame(text, direction)
    expect(out).toBe(expected)
    expect(spans).toBe(1 + (text.match(/refresh/g)?.length ?? 0))
  })

  it.each([
    ['the coin of an event', '42["rugRoyaleUpdate",{"config":{"token":"0xPractice"}}]'],
    ['a published seed', `42["x",{"serverSeed":"${'a'.repeat(64)}","authenticated":true}]`],
    ['chat about it', '42["newChatMessage",{"message":"my token: is \\"gone\\""}]'],
  ])('%s stays', (_name, text) => {
    expect(redactFrame(text, 'received')).toEqual({ text, spans: 0 })
  })

  it('is idempotent, keeps JSON valid, and leaves nothing of the secret', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9+/=_.-]{12,60}$/)
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 }), secret, (payload, value) => {
        fc.pre(!JSON.stringify(payload).includes(value))
        const text = `42["x",${JSON.stringify({ ...payload, nested: [{ identityToken: value }] })}]`
        const once = redactFrame(text, 'sent')
        expect(once.text).not.toContain(value)
        expect(() => JSON.parse(once.text.slice(2))).not.toThrow()
        expect(redactFrame(once.text, 'sent').text).toBe(once.text)
      }),
    )
  })

  it.skipIf(captures === null)('P3: not a byte of the public feed is touched', () => {
    for (const file of ['raw-frames.jsonl', 'public-2025-12-12.jsonl']) {
      for (const line of captureText(file).split('\n')) expect(redactFrame(line, 'received')).toEqual({ text: line, spans: 0 })
    }
  })
})
