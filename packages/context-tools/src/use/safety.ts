/** Files whose content is never shown or indexed, whatever an ignore file says. */
const SECRET_PATHS =
  /(^|\/)(\.env(\..*)?|\.npmrc|\.netrc|\.pypirc|id_(rsa|dsa|ecdsa|ed25519)(\.pub)?|.*\.(pem|key|p12|pfx|keystore|jks)|credentials(\.json)?|secrets?\.(json|ya?ml|toml))$/i

const SECRETS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b(?:ghp|gho|ghu|ghs|ghr|github_pat)_[A-Za-z0-9_]{20,}/g,
  /\b(?:sk|pk|rk)[-_](?:live|test|ant|proj)[-_][A-Za-z0-9_-]{16,}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/g,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}/g,
  /\bAIza[0-9A-Za-z_-]{35}\b/g,
  /(?<=\b(?:password|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)\b["']?\s*[:=]\s*["']?)[^\s"'`,;]{8,}/gi,
  /(?<=:\/\/[^/\s:@]+:)[^@\s/]+(?=@)/g,
]

/** True for files that hold credentials by their name. */
export function isSecretPath(path: string): boolean {
  return SECRET_PATHS.test(path)
}

/** Replaces what looks like a credential. */
export function redact(text: string): string {
  return SECRETS.reduce((out, pattern) => out.replace(pattern, '[redacted]'), text)
}

/**
 * Text that cannot open or close the blocks our answers stand in, however its marks are nested: their angle bracket is
 * exchanged for one that only looks like it, so that nothing grows.
 */
export function inert(text: string): string {
  return text.replace(/<(?=\s*\/?\s*(?:context|notes)\b)/gi, '\u2039')
}

/** Makes text from a repository safe to show: no control, escape or invisible characters, no credentials. Newlines and tabs stay. */
export function safeText(text: string): string {
  const plain = text
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replace(
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\u{e0000}-\u{e007f}]/gu,
      '',
    )
  return redact(plain)
}
