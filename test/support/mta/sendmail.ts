// A private sendmail 8.17 from Debian's unpacked package: its own queue, mailboxes, maps, port, host name and syslog.
// Nothing on the machine changes, and several run side by side.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { freePorts } from './free-ports.ts'
import { ELSEWHERE, Mailboxes } from './mailboxes.ts'
import { DEFAULT_PATIENCE, type Engine, greeting, Mta, type MtaOptions, TD, USERS } from './mta.ts'
import { libraryPath, unpacked } from './packages.ts'
import { mustRun, ProcessGroup, run } from './process-group.ts'
import { Syslog } from './syslog.ts'

/**
 * Gives the program a host name with a dot (without one sendmail sleeps for a minute at every start) and a /dev of its
 * own, where /dev/log is our socket. Both end with the program.
 */
const NAMESPACE = `
hostname mail.rig.example
dev=$1 log=$2; shift 2
mount -t tmpfs -o mode=755 tmpfs "$dev"
for name in null zero random urandom; do : > "$dev/$name"; mount --bind "/dev/$name" "$dev/$name"; done
ln -s "$log" "$dev/log"
mount --rbind "$dev" /dev
exec "$@"`

const programs = () => join(unpacked('sendmail'), 'usr/libexec/sendmail')
const environment = () => ({ ...process.env, LD_LIBRARY_PATH: libraryPath('sendmail') })

export async function startSendmail(options: MtaOptions = {}): Promise<Mta> {
  const home = await mkdtemp(join(tmpdir(), 'timedelay-sendmail-'))
  // The filter's account must be able to pass through.
  await chmod(home, 0o755)
  const syslog = await Syslog.listen(join(home, 'log.sock'))
  let daemon: ProcessGroup | undefined
  const stop = async (): Promise<void> => {
    await daemon?.stop()
    await syslog.close()
    await rm(home, { recursive: true, force: true })
  }
  try {
    const [port = 0] = await freePorts(1)
    const mailboxes = await Mailboxes.make(join(home, 'mail'))
    await writeFiles(home, port, mailboxes, options)
    const version = /Version (\S+)/.exec(await mustSendmail(home, ['-bi', '-d0.1']))?.[1] ?? 'unknown'
    daemon = await ProcessGroup.start(...sendmail(home, ['-bD']), { env: environment() })
    await greeting(port, daemon)
    return new Mta({
      ...actions(home, syslog),
      name: 'sendmail',
      version,
      port,
      folder: home,
      mailboxes,
      stop,
    })
  } catch (error) {
    await stop()
    throw new Error(`sendmail did not start: ${(error as Error).message}\n${daemon?.output}${syslog.text}`)
  }
}

function actions(
  home: string,
  syslog: Syslog,
): Pick<Engine, 'submit' | 'standardInput' | 'queuedRecipients' | 'queue' | 'purge' | 'flush' | 'log'> {
  return {
    submit: async (recipients, message) => {
      const [command, args] = sendmail(home, ['-i', '-f', 'plain@example.com', ...recipients])
      return (await run(command, args, { env: environment(), input: message })).status
    },
    standardInput: () => spawn(...sendmail(home, ['-bs']), { env: environment() }),
    queuedRecipients: () => queuedRecipients(join(home, 'queue')),
    queue: () => queue(join(home, 'queue')),
    purge: async () => {
      const names = await readdir(join(home, 'queue'))
      await Promise.all(names.map((name) => rm(join(home, 'queue', name), { force: true })))
    },
    flush: async () => {
      // Its exit status tells what became of the messages, which the tests ask for themselves.
      const [command, args] = sendmail(home, ['-qf'])
      await run(command, args, { env: environment() })
    },
    log: () => Promise.resolve(syslog.text),
  }
}

function sendmail(home: string, args: readonly string[]): [command: string, args: string[]] {
  const inNamespace = [
    '--uts',
    '--mount',
    'sh',
    '-e',
    '-c',
    NAMESPACE,
    'sh',
    join(home, 'dev'),
    join(home, 'log.sock'),
  ]
  return ['unshare', [...inNamespace, join(programs(), 'sendmail'), '-C', join(home, 'sendmail.cf'), ...args]]
}

function mustSendmail(home: string, args: readonly string[]): Promise<string> {
  const [command, all] = sendmail(home, args)
  return mustRun(command, all, { env: environment() })
}

/** A message has a file qf*, whose line N counts the tries; df*, xf* and tf* come and go with it. */
async function queue(folder: string): Promise<{ messages: number; deferred: number }> {
  const names = await readdir(folder)
  const messages = new Set(names.map((name) => name.slice(2)))
  let deferred = 0
  for (const name of names.filter((name) => name.startsWith('qf'))) {
    const control = await readFile(join(folder, name), 'latin1').catch(() => '')
    if (/^N[1-9]/m.test(control)) deferred += 1
  }
  return { messages: messages.size, deferred }
}

/** A line `RPFD:<dredd@example.com>` for each recipient. */
async function queuedRecipients(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('qf'))
  const files = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')))
  return files
    .flatMap((file) => [...file.matchAll(/^R[^:\n]*:(?:<)?([^>\n]*)/gm)].map(([, address = '']) => address))
    .sort()
}

async function writeFiles(
  home: string,
  port: number,
  mailboxes: Mailboxes,
  options: MtaOptions,
): Promise<void> {
  await mkdir(join(home, 'queue'), { mode: 0o700 })
  await mkdir(join(home, 'dev'))
  const aliases = Object.entries(options.aliases ?? {})
  const write = (name: string, lines: readonly string[]) =>
    writeFile(join(home, name), `${lines.join('\n')}\n`)
  await write('local-host-names', ['example.com', 'mail.example.com', 'localhost'])
  // No DNS: names are looked up in files only.
  await write('service.switch', ['hosts\tfiles', 'aliases\tfiles', 'passwd\tfiles'])
  await write('aliases', [
    'MAILER-DAEMON: postmaster',
    ...aliases.map(([name, target]) => `${name}: ${target}`),
  ])
  await write('virtusertable', [
    ...[...USERS, ...aliases.map(([name]) => name)].map((name) => `${name}@example.com\t${name}`),
    '@example.com\terror:nouser 550 5.1.1 User unknown',
    ...(options.route === 'catch-all' ? [`@${TD}\t${options.catchAll ?? 'td-unrewritten'}`] : []),
  ])
  await write('mailertable', options.route === 'catch-all' ? [] : [`${TD}\ttdloop:[127.0.0.1]`])
  await write('sendmail.mc', configuration(home, port, mailboxes, options))

  const cf = `${join(unpacked('sendmail'), 'usr/share/sendmail/cf')}/`
  const m4 = join(unpacked('sendmail'), 'usr/bin/m4')
  const command = [`-D_CF_DIR_=${cf}`, join(cf, 'm4/cf.m4'), 'sendmail.mc']
  const made = await mustRun(existsSync(m4) ? m4 : 'm4', command, { cwd: home, env: environment() })
  await writeFile(join(home, 'sendmail.cf'), made)
  for (const map of ['virtusertable', 'mailertable']) {
    const args = ['-C', 'sendmail.cf', 'hash', map]
    const input = await readFile(join(home, map))
    await mustRun(join(programs(), 'makemap'), args, { cwd: home, env: environment(), input })
  }
}

function filterLine(options: MtaOptions): readonly string[] {
  if (options.milter === undefined) return []
  const patience = { ...DEFAULT_PATIENCE, ...options.patience }
  const failure = options.failure === 'accept' ? '' : ' F=T,'
  const times = `C:${patience.connect}s;S:10s;R:${patience.reply}s;E:${patience.endOfMessage}s`
  return [`INPUT_MAIL_FILTER(\`timedelay', \`S=${options.milter},${failure} T=${times}')dnl`]
}

/** The td domain: what we teach (mailertable and a mailer back to ourselves), or a map to one mailbox. */
function tdRoute(home: string, options: MtaOptions): readonly string[] {
  if (options.route === 'catch-all') return [`VIRTUSER_DOMAIN(\`${TD}')dnl`]
  return [`FEATURE(\`mailertable', \`hash -o ${home}/mailertable.db')dnl`, `RELAY_DOMAIN(\`${TD}')dnl`]
}

function configuration(
  home: string,
  port: number,
  mailboxes: Mailboxes,
  options: MtaOptions,
): readonly string[] {
  const define = (name: string, value: string) => `define(\`${name}', \`${value}')dnl`
  return [
    "OSTYPE(`linux')dnl",
    define('confDOMAIN_NAME', 'mail.example.com'),
    define('confPID_FILE', `${home}/sendmail.pid`),
    define('QUEUE_DIR', `${home}/queue`),
    define('ALIAS_FILE', `${home}/aliases`),
    define('confCW_FILE', `${home}/local-host-names`),
    define('confSERVICE_SWITCH_FILE', `${home}/service.switch`),
    define('confDONT_BLAME_SENDMAIL', 'TrustStickyBit'),
    define('confTO_IDENT', '0'),
    define('confLOG_LEVEL', '14'),
    // A busy test machine is no reason to queue mail or to refuse connections.
    define('confQUEUE_LA', '10000'),
    define('confREFUSE_LA', '10000'),
    ...(options.hold ? [define('confDELIVERY_MODE', 'queue')] : []),
    // Without flag w a mailbox needs no entry in passwd; the virtusertable says who exists.
    define('LOCAL_MAILER_PATH', mailboxes.program),
    define('LOCAL_MAILER_ARGS', 'deliver $u $g $u'),
    define('LOCAL_MAILER_FLAGS', 'Sn9'),
    "MODIFY_MAILER_FLAGS(`LOCAL', `-w')dnl",
    // Whatever would leave the machine lies in a mailbox too.
    define('SMART_HOST', 'rigout:nowhere.invalid'),
    "FEATURE(`no_default_msa')dnl",
    "FEATURE(`nocanonify')dnl",
    "FEATURE(`use_cw_file')dnl",
    "FEATURE(`accept_unresolvable_domains')dnl",
    `FEATURE(\`virtusertable', \`hash -o ${home}/virtusertable.db')dnl`,
    ...tdRoute(home, options),
    `DAEMON_OPTIONS(\`Name=MTA, Family=inet, Addr=127.0.0.1, Port=${port}')dnl`,
    ...filterLine(options),
    "MAILER(`local')dnl",
    "MAILER(`smtp')dnl",
    'MAILER_DEFINITIONS',
    `Mrigout, P=${mailboxes.program}, F=lsDFMSn, S=EnvFromL, R=EnvToSMTP, T=DNS/RFC822/X-Unix, A=deliver ${ELSEWHERE} $g $u`,
    `Mtdloop, P=[IPC], F=mDFMuXk, S=EnvFromSMTP/HdrFromSMTP, R=EnvToSMTP, E=\\r\\n, L=990, T=DNS/RFC822/SMTP, A=TCP $h ${port}`,
  ]
}
