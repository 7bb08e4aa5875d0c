// The configuration as one text for a person: comments say what goes where, everything else is to be pasted.

import type { MtaConfiguration } from './configuration.ts'

const WIDTH = 78

/** One text; every line that is not to be pasted begins with `#`, and lines to be pasted begin in column one. */
export function formatMtaConfiguration(configuration: MtaConfiguration): string {
  const title = configuration.mta === 'sendmail' ? 'sendmail' : 'Postfix'
  const parts = [
    comment(`timedelay: configuration for ${title}, made for this installation.`),
    ...configuration.remarks.map((remark) => comment(remark, '- ')),
    ...configuration.blocks.map(
      (block) => `\n${heading(block.file)}${comment(block.purpose)}\n${block.text}`,
    ),
    `\n${heading('then run, as root')}`,
    ...configuration.steps.map((step) => `${comment(step.purpose)}${step.command}\n`),
  ]
  return parts.join('')
}

function heading(text: string): string {
  return `# ---- ${text} ${'-'.repeat(Math.max(4, WIDTH - text.length - 8))}\n`
}

function comment(text: string, bullet = ''): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1)!
    if (last !== '' && last.length + 1 + word.length > WIDTH - 2 - bullet.length) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines.map((line, at) => `# ${at === 0 ? bullet : ' '.repeat(bullet.length)}${line}\n`).join('')
}
