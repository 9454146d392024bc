/** What a person calls an app: its name, and from the second instance on its number too. Not sanitized. */
export function instanceLabel(name: string, instance: number): string {
  return instance === 0 ? name : `${name} ${instance}`;
}
