/** One line of a table: a label, then values in columns. */
export function row(label: string, ...values: (string | number)[]): string {
  const cells = values.map((value) =>
    (typeof value === 'number' ? String(Math.round(value)) : value).padStart(12),
  );
  return label.padEnd(28) + cells.join('');
}

/** The middle value; the upper one of two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
