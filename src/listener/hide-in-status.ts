import type { StatusDocument } from '../report/status.ts';
import { hidePaths } from './hide-paths.ts';

/** The status document without absolute paths. Names of apps stay as they are: routes and histories find them so. */
export function hideInStatus(document: StatusDocument): StatusDocument {
  const { targets, misconfigured, unwatched, ...rest } = document;
  return {
    ...hidePaths(rest),
    targets: targets.map(hideButName),
    misconfigured: misconfigured.map(hideButName),
    ...(unwatched && { unwatched }),
  };
}

function hideButName<Named extends { readonly name: string }>(named: Named): Named {
  return { ...hidePaths(named), name: named.name };
}
