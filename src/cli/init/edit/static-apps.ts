import { parse } from 'node:path';
import { shapeOf } from './ecosystem-shape.ts';
import type { Literal, Member } from './literal.ts';

/** One app of an ecosystem file, as far as its text shows it. */
export interface StaticApp {
  readonly name: string;
  /** True where it has an `env_liveness`. */
  readonly hasBlock: boolean;
}

/**
 * The apps of an ecosystem file, only by its text, which is not run; null where code takes part (a variable,
 * a spread, a function), because then only a run could show them. Never throws.
 */
export function staticAppsOf(text: string, isJson: boolean): readonly StaticApp[] | null {
  const shape = shapeOf(text, isJson);
  if (typeof shape === 'string' || !shape.isUntouched) return null;
  const apps = shape.entries.map(appOf);
  const known = apps.filter((app) => app !== null);
  return known.length === apps.length ? known : null;
}

function appOf({ members }: Literal): StaticApp | null {
  if (members.some(({ key }) => key === null)) return null;
  const valueOf = (name: string): Member['value'] | undefined =>
    members.findLast(({ key }) => key === name)?.value;
  const block = valueOf('env_liveness');
  // A variable may be empty.
  if (block && block.type !== 'ObjectExpression' && block.type !== 'Literal') return null;
  const [name, script] = [valueOf('name'), valueOf('script')];
  // PM2 names an app without a name after its script.
  const written = name === undefined ? nameOfScript(textOf(script)) : textOf(name);
  return written === null ? null : { name: written, hasBlock: block !== undefined };
}

function textOf(node: Member['value'] | undefined): string | null {
  if (node?.type !== 'Literal') return null;
  const { value } = node;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

function nameOfScript(script: string | null): string | null {
  return script === null ? null : parse(script).name;
}
