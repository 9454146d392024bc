import type { NotifyFacts } from '../facts.ts';
import { bad, ok, type Check, type Finding } from '../finding.ts';

const NOTIFY = 'notify';

/** Can messages go out, and are the URLs of the channels known to their owner alone? */
export const notify: Check = ({ notify: facts }) => {
  if (facts === undefined) return [];
  const { problems, channels, ping, exposed } = facts;
  return [
    ...problems.map((problem) =>
      bad(
        NOTIFY,
        problem,
        'correct it (docs/NOTIFY.md), then: pm2 restart pm2-liveness --update-env',
      ),
    ),
    ...channels.map(({ name, shown, reason }) =>
      reason === null
        ? ok(NOTIFY, `${name}: ${shown} can be reached`)
        : bad(NOTIFY, `${name}: ${shown}: ${reason}`, `npx pm2-liveness notify --test ${name}`),
    ),
    ...(ping === null ? [] : [pingFinding(ping)]),
    ...exposed.map((file) =>
      bad(
        NOTIFY,
        `${file} has the URL of a channel, and other users of this machine can read it`,
        `put the URLs into a file of mode 0600 and name it in LIVENESS_NOTIFY_FILE; until then: chmod go-rwx ${file}`,
      ),
    ),
  ];
};

function pingFinding({ shown, reason }: NonNullable<NotifyFacts['ping']>): Finding {
  if (reason === null) return ok(NOTIFY, `LIVENESS_PING: ${shown} can be reached`);
  return bad(
    NOTIFY,
    `LIVENESS_PING: ${shown}: ${reason}`,
    'correct its URL, or the network between (docs/NOTIFY.md)',
  );
}
