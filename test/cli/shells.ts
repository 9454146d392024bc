import { delimiter } from 'node:path';
import { execa, type Options } from 'execa';

/** In a folder with the scripts and a stand-in for the program; a shell that waits for more is stopped. */
function place(dir: string): Options {
  const { PATH = '' } = process.env;
  const env = { PATH: `${dir}${delimiter}${PATH}`, HOME: dir, TERM: 'dumb', LC_ALL: 'C.UTF-8' };
  return { cwd: dir, env, timeout: 20_000 };
}

/** What bash offers where the last of these words is being typed: its function, called as bash does. */
export async function offeredByBash(dir: string, words: readonly string[]): Promise<string[]> {
  const script = [
    'source ./bash',
    '[[ $(complete -p pm2-liveness) == "complete -F _pm2_liveness pm2-liveness" ]] || exit 9',
    'COMP_WORDS=("$@")',
    'COMP_CWORD=$(($# - 1))',
    '_pm2_liveness pm2-liveness "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}" 2>&1',
    'printf "%s\\n" "${COMPREPLY[@]}"',
  ].join('\n');
  const args = ['--norc', '-c', script, 'bash', 'pm2-liveness', ...words];
  const { stdout } = await execa('bash', args, place(dir));
  return String(stdout).split('\n').filter(Boolean);
}

/** The same of fish, which can be asked. */
export async function offeredByFish(dir: string, words: readonly string[]): Promise<string[]> {
  const line = ['pm2-liveness', ...words].join(' ');
  const args = ['--no-config', '-c', 'source ./fish; complete -C $argv[1]', line];
  const { stdout } = await execa('fish', args, place(dir));
  return String(stdout)
    .split('\n')
    .filter(Boolean)
    .map((offer) => offer.replace(/\t.*/, ''));
}

/** Zsh completes only as somebody types: this types into a zsh of its own, and lists what `compadd` is given. */
const TYPING = String.raw`
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PS1= PS2=; autoload -Uz compinit; compinit -u -d ./dump; source ./zsh
compadd () {
  if [[ $argv[1,(i)(-|--)] == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
  local -a hits; builtin compadd -A hits "$@"
  local hit; for hit in "$hits[@]"; do print -r -- "<offer>$hit</offer>"; done
  builtin compadd "$@"
}
finish () { print -r -- "<end"">"; exit }
zle -N finish; bindkey "^X" finish; bindkey "^I" complete-word; print REA""DY'
while zpty -r z line; do [[ $line == *READY* ]] && break; done
zpty -w -n z "$1"$'\t\x18'
while zpty -r z line; do print -rn -- "$line"; [[ $line == *"<end>"* ]] && break; done
`;

export async function offeredByZsh(dir: string, words: readonly string[]): Promise<string[]> {
  const line = ['pm2-liveness', ...words].join(' ');
  const { stdout } = await execa('zsh', ['-f', '-c', TYPING, 'zsh', line], place(dir));
  const offers = [...String(stdout).matchAll(/<offer>([^<]*)<\/offer>/g)].map(
    ([, each = '']) => each,
  );
  return [...new Set(offers)];
}
