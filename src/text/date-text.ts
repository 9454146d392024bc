/** The day of an instant in epoch milliseconds, in UTC: `2026-12-03`. */
export function dateText(wall: number): string {
  return new Date(wall).toISOString().slice(0, 10);
}
