/** The label of an app for people: its name, and from the second instance on its number. Not sanitized. */
export function instanceLabel(name: string, instance: number): string {
  return instance === 0 ? name : `${name} ${instance}`;
}
