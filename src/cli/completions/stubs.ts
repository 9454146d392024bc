/**
 * The script for each shell: it passes the typed words to `pm2-liveness __complete`, and offers the output.
 * The first line is `files` or `words`; each further line has a word, a tab and its meaning. No shell
 * evaluates any of it: bash quotes each word, zsh and fish take them as data.
 */
export const STUBS: Readonly<Record<string, string>> = {
  bash: String.raw`# bash completion of pm2-liveness: source <(pm2-liveness completions bash)
_pm2_liveness() {
  local kind word
  COMPREPLY=()
  {
    IFS= read -r kind || return 0
    [[ $kind == files ]] && compopt -o default 2>/dev/null
    while IFS= read -r word; do
      printf -v word '%q' "${'${word%%$'}'\t'*}"
      COMPREPLY+=("$word")
    done
  } < <("$1" __complete "${'${COMP_WORDS[@]:1:COMP_CWORD}'}" 2>/dev/null)
}
complete -F _pm2_liveness pm2-liveness`,

  zsh: String.raw`#compdef pm2-liveness
# zsh completion of pm2-liveness: source <(pm2-liveness completions zsh), after compinit
_pm2_liveness() {
  local -a lines names shown
  lines=(${'${(f)"$(pm2-liveness __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)"}'})
  if [[ $lines[1] == files ]]; then _files; return; fi
  shift lines 2>/dev/null
  (( ${'${#lines}'} )) || return 1
  names=("${'${(@)lines%%$'}'\t'*}")
  shown=("${'${(@)lines/$'}'\t'/  -- }")
  compadd -l -d shown -a names
}
compdef _pm2_liveness pm2-liveness`,

  fish: String.raw`# fish completion of pm2-liveness: pm2-liveness completions fish | source
function __pm2_liveness_complete
  set -l words (commandline -opc)
  set -e words[1]
  set -l typed (commandline -ct)
  set -l lines (pm2-liveness __complete $words "$typed" 2>/dev/null)
  if test "$lines[1]" = files
    __fish_complete_path "$typed"
    return
  end
  set -e lines[1]
  string join -- \n $lines
end
complete -c pm2-liveness -f -a '(__pm2_liveness_complete)'`,
};
