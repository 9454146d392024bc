import { bad, type Check } from '../finding.ts';

/** Can the certificate be read that a newer one is looked for in? Otherwise nobody notices before it has expired. */
export const certFile: Check = ({ apps }) =>
  apps.flatMap(({ process: { name }, certFileTrouble: trouble }) =>
    trouble ? [bad('certFile', `${name}: ${trouble.reason}`, trouble.fix)] : [],
  );
