// Where the program speaks and reads: the process' own streams, or a test's.

export interface Terminal {
  /** What was asked for. */
  out(text: string): void
  /** Everything else. */
  err(text: string): void
  /** Standard input, whole. */
  readInput(): Promise<string>
  /** Asks with echo off; nothing where nobody sits at a terminal, or they gave up with ^C or ^D. */
  readSecret(prompt: string): Promise<string | undefined>
  /** Somebody sits there and types. */
  readonly interactive: boolean
}

/** The streams of this process. A reader that goes away (`timedelay address list | head`) is no fault; a full disk is. */
export function processTerminal(): Terminal {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return
    process.exitCode = 1
    process.stderr.write(`timedelay: the output could not be written (${error.code ?? error.message}).\n`)
  })
  process.stderr.on('error', () => {})
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    readInput: async () => {
      const chunks: Buffer[] = []
      for await (const chunk of process.stdin) chunks.push(chunk)
      return Buffer.concat(chunks).toString('utf8')
    },
    interactive: process.stdin.isTTY === true,
    readSecret,
  }
}

/** What is typed up to Enter, shown nowhere. ^H and DEL take a character back, ^U all of them. */
function readSecret(prompt: string): Promise<string | undefined> {
  const { stdin, stderr } = process
  if (!stdin.isTTY) return Promise.resolve(undefined)
  stderr.write(`${prompt}: `)
  stdin.setRawMode(true)
  stdin.setEncoding('utf8')
  return new Promise((resolve) => {
    let typed: string[] = []
    const end = (answer: string | undefined): void => {
      stdin.off('data', take)
      stdin.setRawMode(false)
      stdin.pause()
      stderr.write('\n')
      resolve(answer)
    }
    const take = (chunk: string): void => {
      for (const key of chunk) {
        if (key === '\r' || key === '\n' || key === '\x03' || key === '\x04') {
          end(/[\r\n]/.test(key) ? typed.join('') : undefined)
          return
        }
        if (key === '\x7f' || key === '\b') typed.pop()
        else if (key === '\x15') typed = []
        else if (key >= ' ') typed.push(key)
      }
    }
    stdin.on('data', take)
    stdin.resume()
  })
}
