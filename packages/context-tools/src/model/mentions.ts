import { folderOf, joinPath, stemOf } from './locate.ts'

const PATH_LIKE = /[^\s`|()[\]<>"]*[./@][^\s`|()[\]<>"]*|`([^`\n]+)`/g

/** Every place a CONTEXT.md may mean: paths and package names as written, resolved from its folder, and without extension. Cheap: no Markdown is parsed. */
export function mentionedPlaces(path: string, text: string): string[] {
  const folder = folderOf(path)
  const places = new Set<string>()
  for (const [whole, quoted] of text.matchAll(PATH_LIKE)) {
    const written = (quoted ?? whole).replace(/^`|`$/g, '').replace(/\/$/, '')
    places.add(written)
    const place = joinPath(folder, written)
    if (place !== null) places.add(place).add(stemOf(place))
  }
  return [...places]
}
