// The console as `timedelay serve` runs it: in a process of its own, which mail does not depend on.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { aDirectory, ProgramProcess, runProcess } from './program-process.ts'

const READY = /^listening on (\S+), console on (\S+)\n/m

/** `timedelay serve` with both doors on free ports. */
async function both(directory: string, ...argv: readonly string[]) {
  const doors = ['--milter', 'inet:0@127.0.0.1', '--http', '127.0.0.1:0']
  const service = new ProgramProcess(directory, ['serve', ...doors, ...argv])
  const [, spec = '', url = ''] = await service.said(READY)
  return { service, spec, url }
}

/** The child of a process: its number. */
function childOf(pid: number | undefined): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0])
}

function runs(pid: number): boolean {
  try {
    // A process that has ended and that nobody has waited for is still listed.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

async function gone(pid: number): Promise<void> {
  while (runs(pid)) await pause(20)
}

describe('the console of a service', { timeout: 60_000 }, () => {
  test('is announced with the code of the first visit, which makes the first account', async () => {
    const directory = aDirectory()
    const { service, spec, url } = await both(directory)
    expect(service.out).toBe(`listening on ${spec}, console on ${url}\n`)
    const [, page = '', code = ''] = await service.said(
      /Nobody has an account yet\. Make the first one at (\S+) with the code (\S+)\n/,
    )
    expect(page).toBe(`${url}/`)
    const answer = await fetch(`${url}/console/set-up`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify({ code, name: 'ada', password: 'correct horse battery' }),
    })
    expect(await answer.json()).toMatchObject({ stage: 'ready', me: { name: 'ada', role: 'postmaster' } })
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({
      ready: true,
      database: 'ok',
      milter: 'listening',
    })
  })

  test('shows what the filter has counted, without a name in it', async () => {
    const directory = aDirectory()
    await runProcess(directory, ['domain', 'add', 'td.example.com'])
    await runProcess(directory, ['prefix', 'add', 'djb', 'dredd@example.com'])
    const { spec, url } = await both(directory)
    await runProcess(directory, ['simulate', '--milter', spec, '--to', 'djb2020010110@td.example.com'])
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toContain('timedelay_verdicts_total{verdict="expired"} 1\n')
    expect(metrics).toContain('timedelay_milter_up 1\n')
    expect(metrics).toMatch(/^timedelay_milter_reply_seconds_count 1$/m)
    expect(metrics).toMatch(/^timedelay_milter_database_seconds_count [1-9]/m)
    expect(metrics).not.toMatch(/djb|dredd|example\.com|127\.0\.0\.1/)
  })

  test('may crash: mail does not notice, and it comes back', async () => {
    const directory = aDirectory()
    await runProcess(directory, ['domain', 'add', 'td.example.com'])
    const { service, spec } = await both(directory)
    const console = childOf(service.child.pid)
    process.kill(console, 'SIGKILL')
    const asked = await runProcess(directory, ['simulate', '--milter', spec, '--to', 'x@td.example.com'])
    expect(asked.out).toContain('551 5.7.1 Address not understood.')
    await service.said(/the console ended; it is started again/)
    await service.said(/(?:"the console listens"[\s\S]*){2}/)
    expect(childOf(service.child.pid)).not.toBe(console)
    service.child.kill('SIGTERM')
    expect(await service.ended()).toBe(0)
  })

  test('ends with the service, also when that is killed', async () => {
    const { service } = await both(aDirectory())
    const console = childOf(service.child.pid)
    expect(runs(console)).toBe(true)
    service.child.kill('SIGTERM')
    expect(await service.ended()).toBe(0)
    expect(runs(console)).toBe(false)

    const killed = await both(aDirectory())
    const orphan = childOf(killed.service.child.pid)
    killed.service.child.kill('SIGKILL')
    await gone(orphan)
  })

  test('may run alone', async () => {
    const directory = aDirectory()
    const service = new ProgramProcess(directory, ['serve', '--no-milter', '--http', '127.0.0.1:0'])
    const [, url = ''] = await service.said(/^console on (\S+)\n/m)
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({
      ready: true,
      database: 'ok',
      milter: 'off',
    })
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('timedelay_milter_up 0\n')
    service.child.kill('SIGINT')
    expect(await service.ended()).toBe(0)
  })

  test('stops while somebody is half way through a request', async () => {
    const { service, url } = await both(aDirectory())
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname).on('error', () => undefined)
    await once(socket, 'connect')
    socket.write(
      'POST /console/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
    )
    service.child.kill('SIGTERM')
    expect(await service.ended()).toBe(0)
  })
})
