import { createServer, type Server, type Socket } from 'node:net'

/**
 * What programs say to syslog(3), for a server that has no log file. The C library falls back to a stream when the
 * socket is none for datagrams, and ends each line there with a NUL.
 */
export class Syslog {
  readonly #server: Server
  readonly #connections = new Set<Socket>()
  #text = ''

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (connection: Socket) => {
      this.#connections.add(connection)
      connection.setEncoding('utf8')
      connection.on('data', (text: string) => {
        this.#text += text.replaceAll('\0', '\n').replaceAll(/^<\d+>/gm, '')
      })
      // A program that was killed leaves without saying so.
      connection.on('error', () => {}).on('close', () => this.#connections.delete(connection))
    })
  }

  static async listen(path: string): Promise<Syslog> {
    const server = createServer()
    const log = new Syslog(server)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(path, resolve)
    })
    return log
  }

  get text(): string {
    return this.#text
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
