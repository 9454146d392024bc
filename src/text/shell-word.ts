/** A text as one word for a POSIX shell: in quotes where needed. */
export function shellWord(text: string): string {
  return /^[\w.@/:+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The argument that names this app in a command of ours, also where the name looks like an option. */
export function appArgument(name: string): string {
  return name.startsWith('-') ? `-- ${shellWord(name)}` : shellWord(name);
}
