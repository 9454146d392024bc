export function load() {
  return { startedAt: new Date().toISOString() };
}
