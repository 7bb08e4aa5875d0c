/** A socket spec that cannot be used. The message is one sentence for the person who wrote it. */
export class SpecError extends Error {
  override readonly name = 'SpecError'
}
