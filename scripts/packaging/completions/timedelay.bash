# Completion of timedelay's commands and options for bash. Made by scripts/completions.mjs; do not edit.
# shellcheck shell=bash

_timedelay() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local command='' word value='' i words=''
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ -n $value ]]; then
      value=''
      continue
    fi
    case $word in
      --as | --at | --base-path | --config | --database | --days | --default-days | --directory | --domain | --drain-seconds | --from | --http | --keep-decisions | --limit | --log-level | --loop-port | --mailbox | --max-days | --max-prefix-length | --message | --milter | --milter-socket-group | --milter-socket-mode | --name | --note | --offset | --owner | --postfix-config | --postmaster | --prefix | --public-url | --queue-directory | --refusal-code | --role | --search | --sendmail-cf | --site | --time-zone | --to | --trusted-proxy | --trusted-relay | --until | --user) value=yes ;;
    esac
    case "${command:+$command }$word" in
      'serve' | 'domain' | 'domain add' | 'domain list' | 'domain show' | 'domain set' | 'domain remove' | 'prefix' | 'prefix add' | 'prefix list' | 'prefix show' | 'prefix set' | 'prefix enable' | 'prefix disable' | 'prefix remove' | 'prefix import' | 'prefix export' | 'address' | 'address new' | 'address explain' | 'address list' | 'address revoke' | 'address restore' | 'address extend' | 'address note' | 'simulate' | 'mta' | 'mta sendmail' | 'mta postfix' | 'doctor' | 'user' | 'user add' | 'user list' | 'user passwd' | 'user remove' | 'token' | 'token add' | 'token list' | 'token revoke' | 'key' | 'key list' | 'key rotate' | 'backup')
        command="${command:+$command }$word" ;;
    esac
  done
  if [[ -n $value ]]; then
    case $previous in
      --config | --database | --message | --sendmail-cf)
        compopt -o filenames 2> /dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
      --refusal-code) mapfile -t COMPREPLY < <(compgen -W '551 550' -- "$current") ;;
      --log-level) mapfile -t COMPREPLY < <(compgen -W 'trace debug info warn error fatal silent' -- "$current") ;;
      --as) mapfile -t COMPREPLY < <(compgen -W 'sendmail postfix' -- "$current") ;;
    esac
    return
  fi
  if [[ $current == -* ]]; then
    case $command in
      '') words='--version --config --database --help' ;;
      'serve') words='--config --database --milter --no-milter --sendmail-cf --name --milter-socket-mode --milter-socket-group --http --no-http --public-url --base-path --trusted-proxy --trusted-relay --refusal-code --log-level --drain-seconds --keep-decisions --help' ;;
      'domain') words='--config --database --help' ;;
      'domain add') words='--config --database --time-zone --postmaster --max-prefix-length --json --help' ;;
      'domain list') words='--config --database --json --help' ;;
      'domain show') words='--config --database --json --help' ;;
      'domain set') words='--config --database --time-zone --postmaster --no-postmaster --max-prefix-length --json --help' ;;
      'domain remove') words='--config --database --help' ;;
      'prefix') words='--config --database --help' ;;
      'prefix add') words='--config --database --max-days --default-days --signed --note --owner --domain --json --help' ;;
      'prefix list') words='--config --database --domain --json --help' ;;
      'prefix show') words='--config --database --domain --json --help' ;;
      'prefix set') words='--config --database --mailbox --max-days --default-days --signed --no-signed --note --owner --domain --json --help' ;;
      'prefix enable') words='--config --database --domain --json --help' ;;
      'prefix disable') words='--config --database --domain --json --help' ;;
      'prefix remove') words='--config --database --domain --help' ;;
      'prefix import') words='--config --database --domain --json --help' ;;
      'prefix export') words='--config --database --domain --json --help' ;;
      'address') words='--config --database --help' ;;
      'address new') words='--config --database --days --until --from --site --unique --note --signed --unsigned --domain --json --help' ;;
      'address explain') words='--config --database --at --site --domain --json --help' ;;
      'address list') words='--config --database --domain --prefix --search --limit --offset --json --help' ;;
      'address revoke') words='--config --database --domain --json --help' ;;
      'address restore') words='--config --database --domain --json --help' ;;
      'address extend') words='--config --database --until --domain --json --help' ;;
      'address note') words='--config --database --domain --json --help' ;;
      'simulate') words='--config --database --to --from --message --as --milter --sendmail-cf --name --json --help' ;;
      'mta') words='--config --database --help' ;;
      'mta sendmail') words='--config --database --directory --loop-port --milter --sendmail-cf --name --json --help' ;;
      'mta postfix') words='--config --database --directory --loop-port --queue-directory --milter --sendmail-cf --name --json --help' ;;
      'doctor') words='--config --database --sendmail-cf --postfix-config --milter --json --help' ;;
      'user') words='--config --database --help' ;;
      'user add') words='--config --database --role --json --help' ;;
      'user list') words='--config --database --json --help' ;;
      'user passwd') words='--config --database --no-totp --json --help' ;;
      'user remove') words='--config --database --help' ;;
      'token') words='--config --database --help' ;;
      'token add') words='--config --database --user --prefix --days --domain --json --help' ;;
      'token list') words='--config --database --json --help' ;;
      'token revoke') words='--config --database --json --help' ;;
      'key') words='--config --database --help' ;;
      'key list') words='--config --database --json --help' ;;
      'key rotate') words='--config --database --json --help' ;;
      'backup') words='--config --database --help' ;;
    esac
  else
    case $command in
      '') words='serve domain prefix address simulate mta doctor user token key backup' ;;
      'domain') words='add list show set remove' ;;
      'prefix') words='add list show set enable disable remove import export' ;;
      'address') words='new explain list revoke restore extend note' ;;
      'mta') words='sendmail postfix' ;;
      'user') words='add list passwd remove' ;;
      'token') words='add list revoke' ;;
      'key') words='list rotate' ;;
      'prefix import' | 'backup')
        compopt -o filenames 2> /dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return ;;
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _timedelay timedelay
