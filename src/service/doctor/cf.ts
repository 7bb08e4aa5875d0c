// What a sendmail.cf says about routing, as far as the doctor needs it. Text in, values out. The X lines are read by
// `milter/sendmail-cf.ts`.

export interface SendmailCf {
  /** `O RunAsUser`, without a group; undefined: root. */
  readonly runAsUser: string | undefined
  readonly dontBlame: readonly string[]
  /** Class w: domains that sendmail takes for its own, and the files that list more. */
  readonly ownNames: NameClass
  /** Class R: domains that strangers may send to. */
  readonly relayNames: NameClass
  /** Domains that the virtusertable is asked for, besides class w. */
  readonly virtualNames: NameClass
  /** Files of the maps by their names in the cf file: mailertable, virtuser, access. Without `.db`. */
  readonly maps: ReadonlyMap<string, string>
  readonly aliasFiles: readonly string[]
  readonly mailers: ReadonlyMap<string, CfMailer>
}

export interface NameClass {
  readonly names: readonly string[]
  readonly files: readonly string[]
}

export interface CfMailer {
  /** `[IPC]` for SMTP. */
  readonly program: string
  readonly flags: string
  /** Port of the `A=TCP $h PORT` argument: 25 where none stands; undefined where this is no SMTP mailer. */
  readonly port: number | undefined
}

export function readSendmailCf(text: string): SendmailCf {
  const lines = logicalLines(text)
  return {
    runAsUser: option(lines, 'RunAsUser').at(-1)?.split(/[:.]/)[0] || undefined,
    dontBlame: words(option(lines, 'DontBlameSendmail').join(',')),
    ownNames: nameClass(lines, 'w'),
    relayNames: nameClass(lines, 'R'),
    virtualNames: nameClass(lines, 'VirtHost'),
    maps: new Map(lines.flatMap(readMap)),
    aliasFiles: words(option(lines, 'AliasFile').join(',')).map((file) => file.replace(/^.*?:\s*/, '')),
    mailers: new Map(lines.flatMap(readMailer)),
  }
}

function logicalLines(text: string): readonly string[] {
  return text
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('#'))
}

/** Every value of the option, in order. */
function option(lines: readonly string[], name: string): readonly string[] {
  return lines.flatMap((line) => {
    const found = /^O\s+([A-Za-z]+)\s*=\s*(.*)$/.exec(line)
    return found?.[1]?.toLowerCase() === name.toLowerCase() ? [(found[2] ?? '').trim()] : []
  })
}

function words(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '')
}

/** `Cw one two`, `C{w}one`, `Fw-o /file %[^\#]`, `F{w}/file`. A file that is a program or a map is left out. */
function nameClass(lines: readonly string[], name: string): NameClass {
  const spellings = name.length === 1 ? [name, `{${name}}`] : [`{${name}}`]
  const after = (letter: string): string[] =>
    lines.flatMap((line) => {
      const spelling = spellings.find((one) => line.startsWith(letter + one))
      return spelling === undefined ? [] : [line.slice(1 + spelling.length).trim()]
    })
  const files = after('F').map((text) => text.replace(/^-o\s+/, '').split(/\s/)[0] ?? '')
  return {
    names: after('C').flatMap((text) => words(text.toLowerCase())),
    files: files.filter((file) => file.startsWith('/')),
  }
}

/** `Kmailertable hash -o -T<TMPF> /etc/mail/mailertable.db` */
function readMap(line: string): [string, string][] {
  const found = /^K(\S+)\s+(\S+)\s+(.*)$/.exec(line)
  const file = found?.[3]?.split(/\s+/).find((word) => word.startsWith('/'))
  return found?.[1] === undefined || file === undefined ? [] : [[found[1], file.replace(/\.db$/, '')]]
}

function readMailer(line: string): [string, CfMailer][] {
  const found = /^M([^,\s]+)\s*,?(.*)$/.exec(line)
  if (found?.[1] === undefined) return []
  const equate = (letter: string): string =>
    new RegExp(`(?:^|,)\\s*${letter}[^=,]*=\\s*([^,]*)`).exec(found[2] ?? '')?.[1]?.trim() ?? ''
  const smtp = /^TCP\s+\$h(?:\s+(\S+))?$/.exec(equate('A'))
  const port = smtp === null ? undefined : smtp[1] === undefined || smtp[1] === 'smtp' ? 25 : Number(smtp[1])
  return [[found[1], { program: equate('P'), flags: equate('F'), port }]]
}
