// Where the program speaks and reads: the process' own streams, or a test's.

export interface Terminal {
  /** What was asked for. */
  out(text: string): void
  /** Everything else. */
  err(text: string): void
  /** Standard input, whole. */
  readInput(): Promise<string>
}

/** The streams of this process. A reader that goes away (`timedelay address list | head`) is no fault. */
export function processTerminal(): Terminal {
  process.stdout.on('error', () => {})
  process.stderr.on('error', () => {})
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    readInput: async () => {
      const chunks: Buffer[] = []
      for await (const chunk of process.stdin) chunks.push(chunk)
      return Buffer.concat(chunks).toString('utf8')
    },
  }
}
