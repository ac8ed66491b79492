/** `${NAME}` and `${NAME:-default}`, and nothing else: neither `$NAME` nor `~`, as Claude Code does it. An unset one stays as it is. */
export function expandVariables(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): { readonly text: string; readonly unset: readonly string[] } {
  const unset: string[] = []
  const expanded = text.replace(/\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g, (written, name: string, fallback: string | undefined) => {
    const value = env[name]
    if (value !== undefined && (value !== '' || fallback === undefined)) return value
    if (fallback !== undefined) return fallback
    unset.push(name)
    return written
  })
  return { text: expanded, unset }
}
