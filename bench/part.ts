import type { Checkout } from './checkout.ts';

/** One part of the benchmark: its name on the command line, and its measurement. */
export interface Part {
  readonly name: string;
  /**
   * Measures. A quick run has fewer rounds, and its figures are less certain. Another build is only for parts
   * that measure both themselves.
   */
  run(isQuick: boolean, other?: Checkout | null): Promise<Findings>;
}

/** The result of a part. */
export interface Findings {
  readonly tables: readonly Table[];
  readonly goals: readonly Goal[];
  /** The figures of the tables, for programs. */
  readonly figures: unknown;
}

interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A goal: a figure that should be at most its limit. */
export interface Goal {
  readonly what: string;
  readonly figure: number;
  readonly limit: number;
}

/** 1234.5 → `1 235`; fractions with one decimal below 100, two below 10. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const places =
    Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const [whole = '', fraction] = value.toFixed(places).split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ' ');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** A ratio, always with two decimals. */
export function ratio(value: number): string {
  return `${value.toFixed(2)} ×`;
}
