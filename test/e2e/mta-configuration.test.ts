// What `timedelay mta` prints, pasted as it is, comments and all, into a server that knew nothing of us before.

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { MilterClient } from '../../src/milter/simulator/index.ts'
import { eventually } from '../support/mta/eventually.ts'
import { freePorts } from '../support/mta/free-ports.ts'
import { type Mta, POSTFIX_OWNER, TD } from '../support/mta/mta.ts'
import { libraryPath, mailServersMissing, unpacked } from '../support/mta/packages.ts'
import { startPostfix } from '../support/mta/postfix.ts'
import { mustRun, ProcessGroup } from '../support/mta/process-group.ts'
import { startSendmail } from '../support/mta/sendmail.ts'
import { address, Service } from '../support/mta/service.ts'
import { aMessage, type Sent } from '../support/mta/smtp-client.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })
const missing = await mailServersMissing('sendmail', 'postfix')

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const MADE_UP = `no-such-address@${TD}`

/** The printed parts, each with the file that its heading names, in order; the commands come last. */
function parts(printed: string): readonly { readonly place: string; readonly text: string }[] {
  return printed
    .split(/^(?:dnl )?# ---- /m)
    .slice(1)
    .map((part) => {
      const [heading = '', ...lines] = part.split('\n')
      return { place: heading.replace(/ -+$/, ''), text: `${lines.join('\n').trim()}\n` }
    })
}

async function change(file: string, how: (text: string) => string): Promise<void> {
  await writeFile(file, how(await readFile(file, 'utf8')))
}

/** Lines of the rig that do what the printed text does: a newcomer's server has none of them. */
const withoutLines = (pattern: RegExp) => (text: string) =>
  text
    .split('\n')
    .filter((line) => !pattern.test(line))
    .join('\n')

/** Pastes what is printed for a milter at SPEC into a running server that has never heard of us, and reloads it. */
type Paste = (service: Service, spec: string, mta: Mta) => Promise<void>

const pasteIntoSendmail: Paste = async (service, spec, mta) => {
  const mc = join(mta.folder, 'sendmail.mc')
  await change(mc, withoutLines(/mailertable|RELAY_DOMAIN|^Mtdloop/))
  // As Debian's own file begins.
  const cf = join(unpacked('sendmail'), 'usr/share/sendmail/cf/')
  await change(mc, (text) => `define(\`_CF_DIR_', \`${cf}')dnl\ninclude(\`${cf}m4/cf.m4')dnl\n${text}`)
  await writeFile(join(mta.folder, 'mailertable'), '')

  const where = ['--directory', mta.folder, '--loop-port', String(mta.port)]
  const printed = parts(await service.cli('mta', 'sendmail', '--milter', spec, ...where))
  expect(printed.map(({ place }) => basename(place))).toEqual([
    'sendmail.mc',
    'sendmail.mc',
    'mailertable',
    'then run, as root',
  ])
  const [above, atTheEnd, table, commands] = printed.map(({ text }) => text)
  await change(mc, (text) => text.replace(/^MAILER/m, () => `${above}MAILER`))
  await change(mc, (text) => `${text.trimEnd()}\n${atTheEnd}`)
  await change(join(mta.folder, 'mailertable'), (text) => text + table)
  await runInSendmail(mta, commands ?? '')
  const pid = Number((await readFile(join(mta.folder, 'sendmail.pid'), 'utf8')).split('\n')[0])
  process.kill(pid, 'SIGHUP')
}

/** The printed commands, except those that need an installed server: they end at `systemctl`. */
async function runInSendmail(mta: Mta, commands: string): Promise<void> {
  const here = commands
    .slice(0, commands.indexOf('systemctl'))
    .replace(/^makemap /gm, 'makemap -C sendmail.cf ')
  expect(here).toContain('makemap')
  expect(here).toContain('m4 ')
  const folders = ['usr/libexec/sendmail', 'usr/bin'].map((name) => join(unpacked('sendmail'), name))
  const env = {
    ...process.env,
    PATH: [...folders, process.env['PATH']].join(':'),
    LD_LIBRARY_PATH: libraryPath('sendmail'),
  }
  await mustRun('sh', ['-e', '-c', here], { cwd: mta.folder, env })
}

const pasteIntoPostfix: Paste = async (service, spec, mta) => {
  const etc = join(mta.folder, 'etc')
  const ours =
    /^(?:smtpd_milters|non_smtpd_milters|milter_\w+|relay_domains|relay_recipient_maps|transport_maps) =/
  await change(join(etc, 'main.cf'), withoutLines(ours))
  await writeFile(join(etc, 'transport'), '')
  const [loopPort] = await freePorts(1)
  const queue = join(mta.folder, 'queue')
  const where = ['--directory', etc, '--queue-directory', queue, '--loop-port', String(loopPort)]
  const printed = parts(await service.cli('mta', 'postfix', '--milter', spec, ...where))
  expect(printed.map(({ place }) => basename(place))).toEqual([
    'main.cf',
    'transport',
    'master.cf',
    'then run, as root',
  ])
  for (const { place, text } of printed.slice(0, 3)) {
    expect(place).toBe(join(etc, basename(place)))
    await change(place, (before) => before + text)
  }
  process.kill(Number(await readFile(join(queue, 'pid/master.pid'), 'utf8')), 'SIGHUP')
}

/** The server has read its new configuration once it asks the filter. */
function asksTheFilter(mta: Mta): Promise<true> {
  return eventually(`${mta.name} to ask the filter`, async () => {
    try {
      const client = await mta.open({ localAddress: '127.0.0.1' })
      await client.mail()
      const { code } = await client.rcpt(MADE_UP)
      await client.quit()
      return code === 551 ? true : undefined
    } catch {
      // It is not back yet.
      return undefined
    }
  })
}

async function send(mta: Mta, to: string): Promise<Sent> {
  const client = await mta.open()
  const sent = await client.send({ to: [to] })
  await client.quit()
  return sent
}

/** A socket in the queue directory, where the chroot of the second smtpd lets it be seen. */
async function socketInQueue(mta: Mta): Promise<string> {
  const folder = join(mta.folder, 'queue/timedelay')
  await mkdir(folder)
  return `unix:${join(folder, 'milter.sock')}`
}

async function freePort(): Promise<string> {
  return `inet:${(await freePorts(1))[0]}@127.0.0.1`
}

/** The service at SPEC, on the database that was prepared. */
async function serve(service: Service, spec: string): Promise<ProcessGroup> {
  const options = ['--database', service.database, '--milter-socket-group', POSTFIX_OWNER, '--no-http']
  const args = [PROGRAM, 'serve', '--milter', spec, '--drain-seconds', '1', ...options]
  const started = await ProcessGroup.start(process.execPath, args)
  await eventually('the service to listen', async () => {
    if (!started.alive) throw new Error(`the service ended at once: ${started.output}`)
    return MilterClient.open(spec).then(
      (client) => {
        client.drop()
        return true as const
      },
      () => undefined,
    )
  })
  return started
}

describe.skipIf(missing).each([
  ['sendmail', startSendmail, freePort, pasteIntoSendmail],
  ['postfix', startPostfix, socketInQueue, pasteIntoPostfix],
] as const)('the configuration that "timedelay mta %s" prints', (name, start, socket, paste) => {
  let service: Service
  let mta: Mta
  let spec: string
  let running: ProcessGroup

  beforeAll(async () => {
    service = await Service.prepare()
    mta = await start()
    spec = await socket(mta)
    running = await serve(service, spec)
    await paste(service, spec, mta)
    await asksTheFilter(mta)
    // A question that Postfix was asked just before it read its configuration again may stay in its queue as half a
    // message.
    await mta.clear()
  })
  afterAll(async () => {
    await mta?.stop()
    await running?.stop()
    await service?.remove()
  })
  beforeEach(async () => {
    await mta.settled()
    await mta.mailboxes.empty()
  })

  it("brings a stranger's message into the mailbox behind the address", async () => {
    expect((await send(mta, address('djb'))).end.code).toBe(250)
    expect(await mta.delivered()).toEqual({ dredd: 1 })
  })

  it('refuses an expired address and leaves ordinary mail alone', async () => {
    expect((await send(mta, address('djb', 5, -10))).rcpt[0]?.code).toBe(551)
    expect((await send(mta, 'plain@example.com')).end.code).toBe(250)
    expect(await mta.delivered()).toEqual({ plain: 1 })
  })

  it('brings mail of the sendmail command round the loop, through the filter', async () => {
    expect(await mta.submit([address('djb')], aMessage())).toBe(0)
    await mta.mailboxes.arrived('dredd')
    expect(await mta.delivered()).toEqual({ dredd: 1 })
  })

  it('puts mail off while the filter is down, and delivers it after', async () => {
    await running.stop()
    expect((await send(mta, address('djb'))).mail.code).toBe(451)
    running = await serve(service, spec)
    expect((await send(mta, address('djb'))).end.code).toBe(250)
    expect(await mta.delivered()).toEqual({ dredd: 1 })
  })

  it('satisfies "timedelay doctor"', async () => {
    const where =
      name === 'sendmail'
        ? ['--sendmail-cf', join(mta.folder, 'sendmail.cf')]
        : ['--postfix-config', join(mta.folder, 'etc')]
    const findings = JSON.parse(await service.cli('doctor', '--json', '--milter', spec, ...where))
    const about = findings.filter(
      ({ check }: { check: string }) => check.startsWith(name) || check.startsWith('milter'),
    )
    expect(about).not.toEqual([])
    expect(about.filter(({ level }: { level: string }) => level !== 'ok')).toEqual([])
  })
})
