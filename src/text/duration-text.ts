const UNITS = [
  { ms: 3_600_000, name: 'h' },
  { ms: 60_000, name: 'm' },
  { ms: 1_000, name: 's' },
] as const;

/** A duration for people, rounded: `250ms`, `6.2s`, `14m`, `2h`; with `decimals` 0 where space is short. */
export function durationText(ms: number, decimals: 0 | 1 = 1): string {
  if (!Number.isFinite(ms)) return 'ever';
  const whole = Math.max(0, Math.round(ms));
  for (const unit of UNITS) {
    // 59.7 s is 1m, not 60s.
    const count = whole / unit.ms;
    if (count < 0.995) continue;
    const shown = decimals === 1 && count < 9.95 ? Math.round(count * 10) / 10 : Math.round(count);
    return `${shown}${unit.name}`;
  }
  return `${whole}ms`;
}
