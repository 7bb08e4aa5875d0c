// The configuration as one text for a person: comments say what goes where, everything else is to be pasted. A part
// may be pasted with its comments, so each has those of its own file.

import type { MtaConfiguration } from './configuration.ts'

const WIDTH = 78

/** In sendmail.mc a word such as MAILER is expanded behind `#` too; `dnl` makes m4 forget the line. */
const M4_COMMENT = 'dnl # '
const COMMENT = '# '

/** One text; lines to be pasted begin in column one, and every other line is a comment. */
export function formatMtaConfiguration(configuration: MtaConfiguration): string {
  const title = configuration.mta === 'sendmail' ? 'sendmail' : 'Postfix'
  const parts = [
    comment(`timedelay: configuration for ${title}, made for this installation.`, COMMENT),
    ...configuration.remarks.map((remark) => comment(remark, COMMENT, '- ')),
    ...configuration.blocks.map(({ file, purpose, text }) => {
      const mark = file.endsWith('.mc') ? M4_COMMENT : COMMENT
      return `\n${heading(file, mark)}${comment(purpose, mark)}\n${text}`
    }),
    `\n${heading('then run, as root', COMMENT)}`,
    ...configuration.steps.map(({ purpose, command }) => `${comment(purpose, COMMENT)}${command}\n`),
  ]
  return parts.join('')
}

function heading(text: string, mark: string): string {
  return `${mark}---- ${text} ${'-'.repeat(Math.max(4, WIDTH - text.length - mark.length - 6))}\n`
}

function comment(text: string, mark: string, bullet = ''): string {
  const width = WIDTH - mark.length - bullet.length
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1)!
    if (last !== '' && last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines.map((line, at) => `${mark}${at === 0 ? bullet : ' '.repeat(bullet.length)}${line}\n`).join('')
}
