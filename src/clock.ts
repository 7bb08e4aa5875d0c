/** What time it is: milliseconds since 1970-01-01T00:00Z. Handed to whoever needs it, so that a test can move it. */
export type Clock = () => number

export const systemClock: Clock = () => Date.now()
