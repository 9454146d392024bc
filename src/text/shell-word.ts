/** A text as one word for a POSIX shell: as it stands where the shell leaves it alone, else in quotes. */
export function shellWord(text: string): string {
  return /^[\w.@/:+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The argument by which a command of ours means the app of this name, options or not. */
export function appArgument(name: string): string {
  return name.startsWith('-') ? `-- ${shellWord(name)}` : shellWord(name);
}
