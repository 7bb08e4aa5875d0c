import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * Ports on loopback that nobody listens on. They lie below the range that the system hands out to connections
 * (32768 and up), so between this look and the server's start no client can take one.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = randomInt(20_000, 32_000)
    if (await isFree(port)) ports.add(port)
  }
  return [...ports]
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
