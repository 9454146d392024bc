import type { ProbeOptions } from '../probe/probe.ts';
import type { Piece } from './interpolate.ts';
import { pathOf } from './problem.ts';
import { hideQuery, shownTargetOf } from './secrets/shown-target.ts';

/** One thing that an app cannot do without: another app of PM2, or what answers at a URL. */
export type Dependency =
  | {
      readonly kind: 'app';
      /** The same of two entries that are one dependency. */
      readonly key: string;
      /** As PM2 has it. */
      readonly name: string;
      /** As the block has it, with variables by their names. */
      readonly shown: string;
    }
  | {
      readonly kind: 'url';
      readonly key: string;
      /** How it is asked. */
      readonly probe: ProbeOptions;
      readonly shown: string;
    };

/**
 * The same with variables by their names in what a person sees; host and port stay as they are.
 * What is listed twice is there once.
 */
export function withShownNames(
  dependsOn: readonly Dependency[],
  pieces: ReadonlyMap<string, readonly Piece[]>,
  root: string,
): readonly Dependency[] {
  const keys = ['dependsOn'];
  const named = dependsOn.map((each, index): Dependency => {
    const parts = pieces.get(pathOf(root, [...keys, index])) ?? pieces.get(pathOf(root, keys));
    if (parts === undefined) return each;
    if (each.kind === 'url')
      return { ...each, shown: shownTargetOf(each.probe, parts) ?? each.shown };
    const shown = parts.map(({ name, text }) => (name === undefined ? text : `\${${name}}`));
    return { ...each, shown: shown.join('') };
  });
  return [...new Map(named.map((each) => [each.key, each])).values()];
}

/** A URL as it is shown: without its query, where a token may stand. */
export function shownUrl(probe: ProbeOptions): string {
  if (probe.type === 'tcp') {
    const host = probe.host.includes(':') ? `[${probe.host}]` : probe.host;
    return `tcp://${host}:${probe.port}`;
  }
  return 'url' in probe ? hideQuery(probe.url) : probe.type;
}
