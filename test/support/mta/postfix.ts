// A private Postfix 3.7 from Debian's unpacked package: its own queue, mailboxes, maps, ports and log file. Nothing on the
// machine changes, and several run side by side. Postfix wants two accounts of its own; it is lent two that every
// Debian has and that own no files of interest.

import { spawn } from 'node:child_process'
import {
  chmod,
  chown,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { freePorts } from './free-ports.ts'
import { ELSEWHERE, Mailboxes } from './mailboxes.ts'
import {
  DEFAULT_PATIENCE,
  type Engine,
  greeting,
  Mta,
  type MtaOptions,
  POSTFIX_OWNER,
  TD,
  USERS,
} from './mta.ts'
import { libraryPath, unpacked } from './packages.ts'
import { mustRun, ProcessGroup, run } from './process-group.ts'

const DROP_GROUP = 'uucp'
const PIPE_USER = 'mail'

const library = () => join(unpacked('postfix'), 'usr/lib/postfix')
const environment = (home: string) => ({
  ...process.env,
  LD_LIBRARY_PATH: libraryPath('postfix', library()),
  MAIL_CONFIG: join(home, 'etc'),
})

interface Ports {
  readonly smtp: number
  /** Where mail for the td domain that nobody rewrote comes in again. */
  readonly loop: number
}

export async function startPostfix(options: MtaOptions = {}): Promise<Mta> {
  const home = await mkdtemp(join(tmpdir(), 'timedelay-postfix-'))
  // Postfix's accounts must be able to pass through.
  await chmod(home, 0o755)
  const env = environment(home)
  let master: ProcessGroup | undefined
  const stop = async (): Promise<void> => {
    await master?.stop()
    await rm(home, { recursive: true, force: true })
  }
  try {
    const [smtp = 0, loop = 0] = await freePorts(2)
    const mailboxes = await Mailboxes.make(join(home, 'mail'))
    await writeFiles(home, { smtp, loop }, mailboxes, options)
    const version = (await mustRun(join(home, 'bin/postconf'), ['-h', 'mail_version'], { env })).trim()
    master = await ProcessGroup.start(join(library(), 'sbin/master'), ['-c', join(home, 'etc'), '-d'], {
      env,
    })
    await greeting(smtp, master)
    return new Mta({ ...actions(home), name: 'postfix', version, port: smtp, folder: home, mailboxes, stop })
  } catch (error) {
    const told = `${master?.output}${await log(home)}`
    await stop()
    throw new Error(`Postfix did not start: ${(error as Error).message}\n${told}`)
  }
}

const log = (home: string): Promise<string> => readFile(join(home, 'mail.log'), 'utf8').catch(() => '')

function actions(
  home: string,
): Pick<Engine, 'submit' | 'standardInput' | 'queuedRecipients' | 'queue' | 'purge' | 'flush' | 'log'> {
  const env = environment(home)
  return {
    submit: async (recipients, message) => {
      const args = ['-i', '-f', 'plain@example.com', ...recipients]
      return (await run(join(home, 'bin/sendmail'), args, { env, input: message })).status
    },
    standardInput: () => spawn(join(home, 'bin/sendmail'), ['-bs'], { env }),
    queuedRecipients: async () => {
      const listed = await mustRun(join(home, 'bin/postqueue'), ['-j'], { env })
      return [...listed.matchAll(/"address": "([^"]*)"/g)].map(([, address = '']) => address).sort()
    },
    queue: () => queue(join(home, 'queue')),
    purge: async () => {
      await mustRun(join(home, 'bin/postsuper'), ['-d', 'ALL'], { env })
    },
    flush: async () => {
      await mustRun(join(home, 'bin/postqueue'), ['-f'], { env })
    },
    log: () => log(home),
  }
}

/**
 * Counts the files on their way through the queue. Looked at in the order of that way, so that a message that moves on
 * meanwhile is seen twice rather than not at all.
 */
async function queue(folder: string): Promise<{ messages: number; deferred: number }> {
  const seen = new Map<string, string>()
  for (const stage of ['maildrop', 'incoming', 'active', 'deferred', 'hold', 'active']) {
    for (const name of await filesBelow(join(folder, stage))) seen.set(name, stage)
  }
  return { messages: seen.size, deferred: [...seen.values()].filter((stage) => stage === 'deferred').length }
}

/** Postfix hashes deferred/ into one level of folders. */
async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
}

async function writeFiles(
  home: string,
  ports: Ports,
  mailboxes: Mailboxes,
  options: MtaOptions,
): Promise<void> {
  await mkdir(join(home, 'etc'))
  await makeQueue(home)
  await copyFile(join(unpacked('postfix'), 'etc/postfix/postfix-files'), join(home, 'etc/postfix-files'))
  await copyFile(
    join(unpacked('postfix'), 'usr/share/postfix/dynamicmaps.cf'),
    join(home, 'etc/dynamicmaps.cf'),
  )
  await makePrograms(home)
  const write = async (name: string, lines: readonly string[]) => {
    const file = join(home, 'etc', name)
    await writeFile(file, `${lines.join('\n')}\n`)
    // Postfix takes a file of the last two seconds for one that is being written, and waits.
    await utimes(file, 0, 0)
  }
  const aliases = Object.entries(options.aliases ?? {})
  await write(
    'users',
    USERS.map((user) => `${user} x`),
  )
  await write('virtual', [
    ...aliases.map(([name, target]) => `${name}@example.com ${target}`),
    ...(options.route === 'catch-all' ? [`@${TD} ${options.catchAll ?? 'td-unrewritten'}@example.com`] : []),
  ])
  await write('transport', options.route === 'catch-all' ? [] : [`${TD} smtp:[127.0.0.1]:${ports.loop}`])
  await write('main.cf', mainCf(home, options))
  await write('master.cf', masterCf(ports, mailboxes))
}

const groupId = async (name: string): Promise<number> =>
  Number((await mustRun('getent', ['group', name])).split(':')[2])
const userId = async (name: string): Promise<number> => Number(await mustRun('id', ['-u', name]))

async function makeQueue(home: string): Promise<void> {
  const [owner, dropGroup] = await Promise.all([userId(POSTFIX_OWNER), groupId(DROP_GROUP)])
  await mkdir(join(home, 'data'))
  await chown(join(home, 'data'), owner, 0)
  await mkdir(join(home, 'queue'))
  const owned = 'active bounce corrupt defer deferred flush hold incoming private saved trace maildrop public'
  for (const name of owned.split(' ')) {
    await mkdir(join(home, 'queue', name), { mode: 0o700 })
    await chown(join(home, 'queue', name), owner, 0)
  }
  await mkdir(join(home, 'queue/pid'), { mode: 0o755 })
  await chown(join(home, 'queue/maildrop'), owner, dropGroup)
  await chmod(join(home, 'queue/maildrop'), 0o1730)
  await chown(join(home, 'queue/public'), owner, dropGroup)
  await chmod(join(home, 'queue/public'), 0o710)
}

/** The commands clean their environment before they call each other, so each goes through a wrapper that restores it. */
async function makePrograms(home: string): Promise<void> {
  await mkdir(join(home, 'bin'))
  for (const name of ['postconf', 'postdrop', 'postqueue', 'postsuper', 'sendmail']) {
    const script = `#!/bin/sh
LD_LIBRARY_PATH='${libraryPath('postfix', library())}'; export LD_LIBRARY_PATH
exec '${join(unpacked('postfix'), 'usr/sbin', name)}' "$@"
`
    await writeFile(join(home, 'bin', name), script, { mode: 0o755 })
  }
}

function mainCf(home: string, options: MtaOptions): readonly string[] {
  const patience = { ...DEFAULT_PATIENCE, ...options.patience }
  const tdClass = options.route === 'catch-all' ? 'virtual_alias_domains' : 'relay_domains'
  return [
    'compatibility_level = 3.6',
    `queue_directory = ${home}/queue`,
    `data_directory = ${home}/data`,
    `daemon_directory = ${library()}/sbin`,
    `command_directory = ${home}/bin`,
    `shlib_directory = ${library()}`,
    `meta_directory = ${home}/etc`,
    `mail_owner = ${POSTFIX_OWNER}`,
    `setgid_group = ${DROP_GROUP}`,
    // The master cleans the environment; without this its daemons do not find their libraries.
    'import_environment = MAIL_CONFIG TZ LANG=C LD_LIBRARY_PATH',
    `maillog_file = ${home}/mail.log`,
    `maillog_file_prefixes = ${home}`,
    'inet_interfaces = 127.0.0.1',
    'inet_protocols = ipv4',
    'smtp_dns_support_level = disabled',
    'smtpd_peername_lookup = no',
    'myhostname = mail.example.com',
    'mydestination = example.com, mail.example.com, localhost',
    'mynetworks = 127.0.0.1/32',
    `local_recipient_maps = texthash:${home}/etc/users`,
    'local_transport = box:',
    'default_transport = rigout:',
    'relay_transport = rigout:',
    'alias_maps =',
    `virtual_alias_maps = texthash:${home}/etc/virtual`,
    // Relayed, back to ourselves, is what we teach.
    `${tdClass} = ${TD}`,
    'relay_recipient_maps =',
    `transport_maps = texthash:${home}/etc/transport`,
    'smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination',
    `smtpd_milters = ${options.milter === undefined ? '' : postfixSpec(options.milter)}`,
    'non_smtpd_milters =',
    `milter_default_action = ${options.failure ?? 'tempfail'}`,
    `milter_connect_timeout = ${patience.connect}s`,
    `milter_command_timeout = ${patience.reply}s`,
    `milter_content_timeout = ${patience.endOfMessage}s`,
    // Tests send big messages and many wrong recipients, and have no time to be slowed down for it.
    'message_size_limit = 52428800',
    'smtpd_error_sleep_time = 0',
    'smtpd_soft_error_limit = 1000',
    'smtpd_hard_error_limit = 1000',
    'in_flow_delay = 0',
    `defer_transports = ${options.hold ? 'box, rigout' : ''}`,
    'box_destination_recipient_limit = 1',
    'rigout_destination_recipient_limit = 1',
  ]
}

function masterCf(ports: Ports, mailboxes: Mailboxes): readonly string[] {
  return [
    `127.0.0.1:${ports.smtp} inet n - n - - smtpd`,
    `127.0.0.1:${ports.loop} inet n - n - - smtpd`,
    'pickup unix n - n 60 1 pickup',
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'trace unix - - n - 0 bounce',
    'flush unix n - n 1000? 0 flush',
    'proxymap unix - - n - - proxymap',
    'smtp unix - - n - - smtp',
    'showq unix n - n - - showq',
    'error unix - - n - - error',
    'retry unix - - n - - error',
    'anvil unix - - n - 1 anvil',
    'postlog unix-dgram n - n - 1 postlogd',
    'box unix - n n - 4 pipe',
    `  flags=u user=${PIPE_USER} argv=${mailboxes.program} \${user} \${sender} \${recipient}`,
    'rigout unix - n n - 4 pipe',
    `  user=${PIPE_USER} argv=${mailboxes.program} ${ELSEWHERE} \${sender} \${recipient}`,
  ]
}

/** libmilter's words in Postfix's: `local:/path` is `unix:/path`, `inet:8895@127.0.0.1` is `inet:127.0.0.1:8895`. */
function postfixSpec(spec: string): string {
  const inet = /^inet:(\d+)@(.+)$/.exec(spec)
  if (inet !== null) return `inet:${inet[2]}:${inet[1]}`
  return spec.replace(/^local:/, 'unix:')
}
