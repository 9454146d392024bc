import { readFileSync } from 'node:fs';
import { isRecord } from './bad-value.ts';

/** The version of this package, from its package.json. */
export function ownVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return String(isRecord(manifest) ? manifest['version'] : '');
}
