/**
 * A payload whose JSON text is made once, however many connections it goes to.
 *
 * The text is what goes on the wire, so a number can be sent with the literal it came with.
 */
export class PreparedJson {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** For whoever prints it without the encoder that knows it. */
  toJSON(): unknown {
    return JSON.parse(this.text)
  }
}

/** Arguments with their JSON text made now. */
export function prepare(args: readonly unknown[]): readonly PreparedJson[] {
  return args.map((arg) => (arg instanceof PreparedJson ? arg : new PreparedJson(JSON.stringify(arg ?? null))))
}
