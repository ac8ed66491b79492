import { describe, expect, it } from 'vitest'
import { type DecodedFrame, decodeFrame, eventFrameText, FrameDecoder, frameText, MAX_ATTACHMENTS } from '../src/index.ts'

const codes = (frame: DecodedFrame): string[] => (frame.issues ?? []).map(({ code }) => code)

describe('packets of the wire', () => {
  it.each([
    ['0{"sid":"a","pingInterval":25000}', '0', 'open', null, 'engine.open'],
    ['1', '1', 'close', null, 'engine.close'],
    ['2', '2', 'ping', null, 'engine.ping'],
    ['2probe', '2', 'ping', null, 'engine.ping'],
    ['3', '3', 'pong', null, 'engine.pong'],
    ['5', '5', 'upgrade', null, 'engine.upgrade'],
    ['6', '6', 'noop', null, 'engine.noop'],
    ['40', '40', 'message', 'connect', 'socket.connect'],
    ['40{"sid":"x","pid":"y"}', '40', 'message', 'connect', 'socket.connect'],
    ['40/feed,{"sid":"x"}', '40/feed,', 'message', 'connect', 'socket.connect'],
    ['41', '41', 'message', 'disconnect', 'socket.disconnect'],
    ['42["ping"]', '42', 'message', 'event', 'ping'],
    ['4229["buyOrder",{"amount":0.002}]', '4229', 'message', 'event', 'buyOrder'],
    ['42/feed,7["x",1]', '42/feed,7', 'message', 'event', 'x'],
    ['4329[{"success":true}]', '4329', 'message', 'ack', 'ack'],
    ['4358[]', '4358', 'message', 'ack', 'ack'],
    ['44{"message":"no"}', '44', 'message', 'connect_error', 'socket.connect_error'],
    ['451-["x",{"_placeholder":true,"num":0}]', '451-', 'message', 'binary_event', 'x'],
    ['451-12["x",{"_placeholder":true,"num":0}]', '451-12', 'message', 'binary_event', 'x'],
    ['461-3[{"_placeholder":true,"num":0}]', '461-3', 'message', 'binary_ack', 'ack'],
  ])('%s', (text, packet, engineType, socketType, event) => {
    const frame = decodeFrame(text)
    expect(frame).toMatchObject({ packet, engineType, socketType, event, issues: null })
    expect(frameText(frame)).toBe(text)
  })

  it('finds ack id, namespace and arguments', () => {
    expect(decodeFrame('42/feed,29["buyOrder",{"__trace":true},{"amount":0.002}]')).toMatchObject({
      namespace: '/feed',
      ackId: 29,
      args: [{ __trace: true }, { amount: 0.002 }],
    })
    expect(decodeFrame('42["x"]')).toMatchObject({ namespace: '/', ackId: null, args: [] })
    expect(decodeFrame('420["x"]').ackId).toBe(0)
    expect(decodeFrame('40{"sid":"x"}')).toMatchObject({ args: null, data: { sid: 'x' } })
    expect(decodeFrame('0{"sid":"a"}').data).toEqual({ sid: 'a' })
  })

  it('keeps numbers and blanks of the text', () => {
    const text = '42[ "gameStateUpdate" , {"price": 1.10, "big": 12345678901234567890.123456789e-3}\n]'
    expect(decodeFrame(text)).toMatchObject({ packet: '42', rawJson: text.slice(2), issues: null, event: 'gameStateUpdate' })
  })

  it('builds event frames from texts', () => {
    expect(eventFrameText('"x"', '')).toBe('42["x"]')
    expect(eventFrameText('"x"', '1.10, {"a":1}')).toBe('42["x",1.10, {"a":1}]')
  })
})

describe('binary frames', () => {
  it('are base64 text after a marker, and follow the packet that announced them', () => {
    const decoder = new FrameDecoder()
    const bytes = new Uint8Array([0, 255, 1, 2])
    expect(decoder.decode('452-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')).toMatchObject({
      attachments: 2,
      args: [
        { _placeholder: true, num: 0 },
        { _placeholder: true, num: 1 },
      ],
      issues: null,
    })
    const first = decoder.decode(bytes)
    expect(first).toMatchObject({ packet: 'b', event: 'socket.attachment', engineType: 'binary', issues: null })
    expect(Buffer.from(first.rawJson, 'base64')).toEqual(Buffer.from(bytes))
    expect(decoder.decode('bAP8BAg==')).toMatchObject({ packet: 'b', rawJson: 'AP8BAg==', issues: null })
    expect(decoder.decode('42["y"]')).toMatchObject({ event: 'y', issues: null })
  })

  it('says when one comes unannounced, or does not come', () => {
    const decoder = new FrameDecoder()
    expect(codes(decoder.decode(new Uint8Array([1])))).toEqual(['frame_attachment_unexpected'])
    decoder.decode('452-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')
    decoder.decode(new Uint8Array([1]))
    const next = decoder.decode('42["y",1]')
    expect(next).toMatchObject({ event: 'y', args: [1] })
    expect(codes(next)).toEqual(['frame_attachment_missing'])
    expect(decoder.decode('42["z"]').issues).toBeNull()
  })

  it('takes a view of a larger buffer as its own bytes only', () => {
    expect(decodeFrame(new Uint8Array([9, 1, 2, 9]).subarray(1, 3)).rawJson).toBe('AQI=')
  })

  it(`follows ${MAX_ATTACHMENTS} attachments, and says when there are more`, () => {
    const header = (count: number): string => `45${count}-["x"]`
    expect(decodeFrame(header(MAX_ATTACHMENTS)).issues).toBeNull()
    const frame = decodeFrame(header(MAX_ATTACHMENTS + 1))
    expect(codes(frame)).toEqual(['frame_packet'])
    expect(frame.event).toBe('x')
  })
})

describe('bad frames are data', () => {
  it.each([
    ['', '', 'frame_packet_type', 'engine.unknown'],
    ['hello', '', 'frame_packet_type', 'engine.unknown'],
    ['7x', '', 'frame_packet_type', 'engine.unknown'],
    ['4', '4', 'frame_packet_type', 'socket.unknown'],
    ['49[]', '4', 'frame_packet_type', 'socket.unknown'],
    ['42', '42', 'frame_no_data', 'socket.event'],
    ['42{}', '42', 'frame_not_array', 'socket.event'],
    ['42[]', '42', 'frame_event_name', 'socket.event'],
    ['42[null]', '42', 'frame_event_name', 'socket.event'],
    ['42["x"', '42', 'frame_json', 'socket.event'],
    ['42["x",NaN]', '42', 'frame_json', 'socket.event'],
    ['42["connect",1]', '42', 'frame_reserved_name', 'connect'],
    ['42["disconnecting"]', '42', 'frame_reserved_name', 'disconnecting'],
    ['4312{}', '4312', 'frame_not_array', 'ack'],
    ['4299999999999999999999["x"]', '4299999999999999999999', 'frame_ack_id', 'x'],
    ['45["x"]', '45', 'frame_attachments', 'x'],
    ['45x-["x"]', '45', 'frame_attachments', 'socket.event'],
    ['450-["x"]', '450-', 'frame_packet', 'x'],
    ['0{"sid"', '0', 'frame_json', 'engine.open'],
    ['40[1]', '40', 'frame_packet', 'socket.connect'],
    ['41{}', '41', 'frame_packet', 'socket.disconnect'],
  ])('%j is stored and explained', (text, packet, code, event) => {
    const frame = decodeFrame(text)
    expect(frame).toMatchObject({ packet, event })
    expect(codes(frame)).toContain(code)
    expect(frameText(frame)).toBe(text)
  })

  it('gives the arguments of a reserved name all the same', () => {
    expect(decodeFrame('42["connect",{"a":1}]').args).toEqual([{ a: 1 }])
  })

  it('takes the names of Object.prototype for what they are', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(decodeFrame(`42["${name}",{"__proto__":{"x":1}}]`)).toMatchObject({ event: name, issues: null })
    }
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false)
  })

  it('survives 200,000 levels of nesting', () => {
    const deep = `42["x",${'['.repeat(200_000)}${']'.repeat(200_000)}]`
    expect(decodeFrame(deep)).toMatchObject({ event: 'x', issues: null })
    const broken = `42["x",${'[{"a":'.repeat(100_000)}`
    expect(codes(decodeFrame(broken))).toContain('frame_json')
  })

  it('survives deep nesting around a binary placeholder', () => {
    const decoder = new FrameDecoder()
    const text = `451-["x",${'['.repeat(50_000)}{"_placeholder":true,"num":0}${']'.repeat(50_000)}]`
    expect(frameText(decoder.decode(text))).toBe(text)
    expect(decoder.decode(new Uint8Array([1])).event).toBe('socket.attachment')
    expect(decoder.decode('42["y"]')).toMatchObject({ event: 'y', issues: null })
  })

  it('names a lone surrogate, in the text and as an escape', () => {
    expect(codes(decodeFrame('42["a\ud800"]'))).toContain('frame_lone_surrogate')
    const escaped = decodeFrame('42["a\\ud800"]')
    expect(escaped.event).toBe('a\ufffd')
    expect(escaped.event.isWellFormed()).toBe(true)
  })

  it('does not let one bad frame spoil the next', () => {
    const decoder = new FrameDecoder()
    for (const bad of ['42[', '451-["x"]', '', '4', 'b!!', '45']) decoder.decode(bad)
    decoder.decode('2')
    expect(decoder.decode('42["last"]').event).toBe('last')
    expect(decoder.decode('42["ok",1]')).toMatchObject({ event: 'ok', args: [1], issues: null })
  })
})
