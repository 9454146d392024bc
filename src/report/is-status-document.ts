import type { StatusDocument } from './status.ts';

/** True for a document of this version, by the fields that its readers use; for answers from outside. */
export function isStatusDocument(value: unknown): value is StatusDocument {
  return (
    typeof value === 'object' &&
    value !== null &&
    'schemaVersion' in value &&
    value.schemaVersion === 1 &&
    'monitor' in value &&
    typeof value.monitor === 'object' &&
    value.monitor !== null &&
    'targets' in value &&
    Array.isArray(value.targets) &&
    'misconfigured' in value &&
    Array.isArray(value.misconfigured)
  );
}
