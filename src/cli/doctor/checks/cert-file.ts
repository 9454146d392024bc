import { bad, type Check } from '../finding.ts';

/** Can the file of the certificate be read? Otherwise nobody notices before the served one has expired. */
export const certFile: Check = ({ apps }) =>
  apps.flatMap(({ process: { name }, certFileTrouble: trouble }) =>
    trouble ? [bad('certFile', `${name}: ${trouble.reason}`, trouble.fix)] : [],
  );
