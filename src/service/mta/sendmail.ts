// The configuration for sendmail: filter, loop route and the mailer that makes the loop possible.
//
// Mail to one of our domains that nobody has rewritten (it came by an alias, or from the sendmail command) is sent to
// the server's own port 25, where the filter sees it. While the filter is down such mail waits in the queue.

import { formatSocketSpec, type SocketSpec } from '../../milter/index.ts'
import type { ConfigurationBlock, Installation, MtaConfiguration, NoConfiguration } from './configuration.ts'
import { otherListeners, replySeconds, usableListeners } from './listener.ts'

export function sendmailConfiguration(installation: Installation): MtaConfiguration | NoConfiguration {
  const listeners = usableListeners(installation)
  if ('kind' in listeners) return listeners
  // A Unix socket saves sendmail the delays of TCP, and only sendmail's own user can reach it.
  const listener = listeners.find((spec) => spec.kind === 'unix') ?? listeners[0]!
  const directory = installation.directory ?? '/etc/mail'
  return {
    kind: 'configuration',
    mta: 'sendmail',
    remarks: [
      ...otherListeners(listener, listeners),
      ...socketRemarks(listener),
      'Where sendmail.mc has a mailertable already, leave the FEATURE line out and keep the name of that file.',
      `Do not name ${installation.domains.join(' or ')} in local-host-names, VIRTUSER_DOMAIN or virtusertable.`,
    ],
    blocks: [
      filterBlock(installation, listener, directory),
      mailerBlock(installation, directory),
      {
        file: `${directory}/mailertable`,
        purpose: 'Add these lines: unrewritten mail goes back to this server, through the filter.',
        text: installation.domains.map((domain) => `${domain}\ttdloop:[127.0.0.1]\n`).join(''),
      },
    ],
    steps: [
      {
        command: `makemap hash ${directory}/mailertable < ${directory}/mailertable`,
        purpose: 'makes mailertable.db, which is what sendmail reads',
      },
      {
        command: `m4 ${directory}/sendmail.mc > ${directory}/sendmail.cf.new && mv ${directory}/sendmail.cf.new ${directory}/sendmail.cf`,
        purpose: 'makes sendmail.cf',
      },
      {
        command: 'systemctl restart sendmail',
        purpose: 'sendmail reads its configuration at the start only',
      },
      { command: 'timedelay doctor', purpose: 'tells whether everything fits together' },
    ],
  }
}

function filterBlock(
  installation: Installation,
  listener: SocketSpec,
  directory: string,
): ConfigurationBlock {
  const reply = replySeconds(installation.handlerDeadline)
  // E limits the whole end of message, PROGRESS or not, so it must leave room for several replies.
  const timeouts = `T=C:30s;S:10s;R:${reply}s;E:${4 * reply}s`
  return {
    file: `${directory}/sendmail.mc`,
    purpose:
      'Above the first MAILER line (and MAILER_DEFINITIONS). The filter; F=T puts mail off while it is down. Then the routing table, and leave for strangers to send to our domains.',
    text: [
      `INPUT_MAIL_FILTER(\`timedelay', \`S=${clientSpec(listener)}, F=T, ${timeouts}')dnl`,
      `FEATURE(\`mailertable', \`hash -o ${directory}/mailertable.db')dnl`,
      ...installation.domains.map((domain) => `RELAY_DOMAIN(${quoteForM4(domain)})dnl`),
      '',
    ].join('\n'),
  }
}

function mailerBlock(installation: Installation, directory: string): ConfigurationBlock {
  const port = installation.loopPort ?? 25
  return {
    file: `${directory}/sendmail.mc`,
    purpose:
      'At the very end. A mailer like the SMTP one; its flag k lets the server talk to itself, which is an error otherwise.',
    text: [
      'MAILER_DEFINITIONS',
      `Mtdloop, P=[IPC], F=mDFMuXk, S=EnvFromSMTP/HdrFromSMTP, R=EnvToSMTP, E=\\r\\n, L=990, T=DNS/RFC822/SMTP, A=TCP $h ${port}`,
      '',
    ].join('\n'),
  }
}

/** sendmail's side of a spec needs a host. */
function clientSpec(listener: SocketSpec): string {
  if (listener.kind === 'unix' || listener.host !== undefined) return formatSocketSpec(listener)
  return formatSocketSpec({ ...listener, host: listener.kind === 'inet' ? '127.0.0.1' : '::1' })
}

function socketRemarks(listener: SocketSpec): readonly string[] {
  if (listener.kind !== 'unix') return []
  return [
    `No directory above ${listener.path} may be writable for its group or for others, or sendmail does not start.`,
  ]
}

/** Built-in macros that GNU m4 expands even without parentheses, and that may be a label of a domain. */
const M4_BUILTINS =
  /\b(?:changecom|changequote|changeword|debugfile|debugmode|divert|divnum|dnl|dumpdef|errprint|m4exit|m4wrap|popdef|shift|sysval|traceoff|traceon|undivert|unix)\b/

/** RELAY_DOMAIN reads its argument twice, so a macro's name needs a second pair of quotes to come through. */
function quoteForM4(domain: string): string {
  return M4_BUILTINS.test(domain) ? `\`\`${domain}''` : `\`${domain}'`
}
