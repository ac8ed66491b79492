// Control characters but newline and tab, bidirectional overrides, zero-width characters: none of them is text.
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/g

/** Text that is safe to store, print and hand to an agent: events and notes hold what strangers typed. */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\r\n', '\n').replace(INVISIBLE, '')
}
