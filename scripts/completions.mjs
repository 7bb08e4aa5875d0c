// Writes the completions for bash and zsh from the tree of commands, so that they know every command and option:
//   node scripts/completions.mjs           writes scripts/packaging/completions/
//   node scripts/completions.mjs --check   ends with 1 when what lies there is not what would be written
// It reads the built program.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { buildProgram } from '../dist/cli/program.js'
import { SETTINGS } from '../dist/settings.js'

const folder = new URL('packaging/completions/', import.meta.url)
const HELP = { long: '--help', short: '-h', description: 'print this help' }

/** Values that an option takes, where there are few; the settings keep theirs in the check. */
const SOME_VALUES = {
  '--log-level': SETTINGS.logLevel.description.split(', '),
  '--refusal-code': ['551', '550'],
}

/** Every command with the options that it takes: its own, and those that all commands have. */
function walk(command, path, inherited) {
  const options = [...inherited, ...command.options.filter(({ hidden }) => !hidden).map(optionOf)]
  const commands = command.commands.filter((one) => one.name() !== 'help')
  const node = {
    path,
    name: command.name(),
    summary: command.summary() || command.description(),
    options: [...options, HELP],
    commands: commands.map((one) => one.name()),
    takesFile: command.registeredArguments.some((argument) => argument.name() === 'FILE'),
    arguments: command.registeredArguments.map((argument) => argument.name()),
  }
  const passedOn = path.length === 0 ? options.filter(({ long }) => long !== '--version') : inherited
  return [node, ...commands.flatMap((one) => walk(one, [...path, one.name()], passedOn))]
}

function optionOf({ long, short, flags, required, optional, description, argChoices, parseArg, variadic }) {
  const value = required || optional ? (/[<[]([^\]>.]+)/.exec(flags)?.[1] ?? 'VALUE') : undefined
  const values = argChoices ?? SOME_VALUES[long]
  return { long, short, value, values, description, repeatable: variadic || parseArg?.name === 'collect' }
}

const unique = (items) => [...new Set(items)]

function bash(nodes) {
  const options = nodes.flatMap((node) => node.options)
  const withValue = unique(options.filter(({ value }) => value).map(({ long }) => long)).sort()
  const plain = new Set(options.filter(({ value }) => !value).map(({ long }) => long))
  const both = withValue.find((long) => plain.has(long))
  if (both !== undefined) throw new Error(`${both} takes a value in one command and none in another`)
  const files = unique(options.filter(({ value }) => value === 'FILE').map(({ long }) => long)).sort()
  const chosen = new Map(options.filter(({ values }) => values).map(({ long, values }) => [long, values]))
  const quoted = (path) => `'${path.join(' ')}'`
  const groups = nodes.filter(({ commands }) => commands.length > 0)
  const takers = nodes.filter(({ takesFile }) => takesFile)
  return `# Completion of timedelay's commands and options for bash. Made by scripts/completions.mjs; do not edit.
# shellcheck shell=bash

_timedelay() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local command='' word value='' i words=''
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $value ]]; then
      value=''
      continue
    fi
    case $word in
      ${withValue.join(' | ')}) value=yes ;;
    esac
    case "\${command:+$command }$word" in
      ${nodes
        .slice(1)
        .map(({ path }) => quoted(path))
        .join(' | ')})
        command="\${command:+$command }$word" ;;
    esac
  done
  if [[ -n $value ]]; then
    case $previous in
      ${files.join(' | ')})
        compopt -o filenames 2> /dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
${[...chosen]
  .map(
    ([long, values]) =>
      `      ${long}) mapfile -t COMPREPLY < <(compgen -W '${values.join(' ')}' -- "$current") ;;`,
  )
  .join('\n')}
    esac
    return
  fi
  if [[ $current == -* ]]; then
    case $command in
${nodes
  .map(
    ({ path, options }) =>
      `      ${quoted(path)}) words='${unique(options.map(({ long }) => long)).join(' ')}' ;;`,
  )
  .join('\n')}
    esac
  else
    case $command in
${groups.map(({ path, commands }) => `      ${quoted(path)}) words='${commands.join(' ')}' ;;`).join('\n')}
      ${takers.map(({ path }) => quoted(path)).join(' | ')})
        compopt -o filenames 2> /dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return ;;
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _timedelay timedelay
`
}

function zsh(nodes) {
  const functionOf = (path) => ['_timedelay', ...path].join('_')
  const text = (words) => words.replaceAll("'", "'\\''")
  const action = ({ value, values }) => (values ? `(${values.join(' ')})` : value === 'FILE' ? '_files' : ' ')
  const optionLine = (option) => {
    const { long, short, value, description, repeatable } = option
    const words = text(description.replace(/([[\]\\])/g, '\\$1'))
    if (short) return `'(- *)'{${short},${long}}'[${words}]'`
    const tail = value ? `:${value.replaceAll(':', '\\:')}:${action(option)}` : ''
    const many = repeatable ? '*' : ''
    return `'${many}${long}${value ? '=' : ''}[${words}]${tail}'`
  }
  const group = ({ path, commands, options }) => `${functionOf(path)}() {
  local curcontext=$curcontext state line
  local -a commands
  commands=(
${commands
  .map((name) => {
    const { summary } = nodes.find((node) => node.path.join(' ') === [...path, name].join(' '))
    return `    '${name}:${text(summary)}'`
  })
  .join('\n')}
  )
  _arguments -C \\
${options.map((option) => `    ${optionLine(option)} \\`).join('\n')}
    '1:command:->command' \\
    '*::argument:->arguments'
  case $state in
    command) _describe command commands ;;
    arguments)
      curcontext=\${curcontext%:*}-$words[1]:
      case $words[1] in
${commands.map((name) => `        ${name}) ${functionOf([...path, name])} ;;`).join('\n')}
      esac ;;
  esac
}`
  const leaf = (node) => `${functionOf(node.path)}() {
  _arguments \\
${[
  ...node.options.map(optionLine),
  ...node.arguments.map((name, index) => {
    const last = index === node.arguments.length - 1
    return `'${last ? '*' : index + 1}:${name}:${name === 'FILE' ? '_files' : ' '}'`
  }),
]
  .map((line) => `    ${line}`)
  .join(' \\\n')}
}`
  return `#compdef timedelay
# Completion of timedelay's commands and options for zsh. Made by scripts/completions.mjs; do not edit.

${nodes.map((node) => (node.commands.length > 0 ? group(node) : leaf(node))).join('\n\n')}

_timedelay "$@"
`
}

// The tree is only looked at, so nothing of a session but its streams is there.
const tree = buildProgram({ terminal: { out: () => {}, err: () => {} } })
const nodes = walk(tree, [], [])
const check = process.argv.includes('--check')
mkdirSync(folder, { recursive: true })
for (const [name, content] of [
  ['timedelay.bash', bash(nodes)],
  ['_timedelay', zsh(nodes)],
]) {
  const file = new URL(name, folder)
  if (!check) writeFileSync(file, content)
  else if (readFileSync(file, 'utf8') !== content) {
    process.stderr.write(`${fileURLToPath(file)} is out of date: run node scripts/completions.mjs\n`)
    process.exitCode = 1
  }
}
