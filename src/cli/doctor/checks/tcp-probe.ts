import { note, type Check } from '../finding.ts';

const CHECK = 'bad probe';

/** Is there an app that speaks HTTP, and is only asked whether its port is open? Empty where there is none. */
export const tcpProbe: Check = ({ apps }) =>
  apps.flatMap(({ process: { name }, httpUrl }) =>
    httpUrl === undefined
      ? []
      : [
          note(
            CHECK,
            `${name}: its tcp probe only sees that the port accepts connections, so a hung app still passes; the port answers HTTP`,
            `write http: { url: '${httpUrl}', status: '100-599' } in its env_liveness instead of tcp`,
          ),
        ],
  );
