import type { Checkout } from './checkout.ts';

/** One part of the benchmark: what is measured, and how it is called on the command line. */
export interface Part {
  readonly name: string;
  /**
   * Measures; a quick run has fewer rounds, and says less surely the same. Another build is for parts
   * that measure both themselves.
   */
  run(isQuick: boolean, other?: Checkout | null): Promise<Findings>;
}

/** What a part found. */
export interface Findings {
  readonly tables: readonly Table[];
  readonly goals: readonly Goal[];
  /** The figures that the tables were made of, for machines. */
  readonly figures: unknown;
}

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A figure that is to be at most its limit. */
export interface Goal {
  readonly what: string;
  readonly figure: number;
  readonly limit: number;
}

/** 1234.5 → `1 235`; of what is not whole one place below 100, two below 10. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const places =
    Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const [whole = '', fraction] = value.toFixed(places).split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ' ');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** A ratio, always with two places. */
export function ratio(value: number): string {
  return `${value.toFixed(2)} ×`;
}
