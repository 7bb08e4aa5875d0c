// Options that several commands share.

import { type Command, InvalidArgumentError, Option } from 'commander'
import { kebab, SETTINGS, type SettingName } from '../settings.ts'

/** Adds options of the configuration. Their defaults are the configuration's, so commander is told none. */
export function withSettings(command: Command, ...names: readonly SettingName[]): Command {
  for (const name of names) {
    addSetting(command, name)
    const { off } = SETTINGS[name]
    if (off !== undefined) command.addOption(new Option(`--no-${kebab(name)}`, off))
    // commander takes true for the default of what can be negated.
    command.setOptionValue(name, undefined)
  }
  return command
}

/** Where the filter listens, for commands that talk to it or about it: it cannot be switched off there. */
export function withListeners(command: Command, ...names: readonly SettingName[]): Command {
  for (const name of ['milter', ...names] as const) addSetting(command, name)
  return command
}

function addSetting(command: Command, name: SettingName): void {
  const { placeholder, description, fallback, repeatable } = SETTINGS[name]
  const standard = fallback === undefined ? '' : ` (default: ${fallback})`
  const several = repeatable ? '; may be given several times' : ''
  const option = new Option(`--${kebab(name)} <${placeholder}>`, `${description}${several}${standard}`)
  command.addOption(repeatable ? option.argParser(collect) : option)
}

export function withJson(command: Command): Command {
  return command.option('--json', 'print JSON')
}

/** `--domain`, which may be left out when there is one. */
export function withDomain(command: Command): Command {
  return command.option('--domain <DOMAIN>', 'the domain; needed when there are several')
}

export function examples(command: Command, ...lines: readonly string[]): Command {
  const title = lines.length === 1 ? 'Example' : 'Examples'
  return command.addHelpText(
    'after',
    `\n${title}:\n${lines.map((line) => `  $ timedelay ${line}`).join('\n')}`,
  )
}

export function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number, without a sign.')
}

export function portNumber(text: string): number {
  const port = wholeNumber(text)
  if (port >= 1 && port <= 65_535) return port
  throw new InvalidArgumentError('A port is a number from 1 to 65535.')
}

/** For an option that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}
