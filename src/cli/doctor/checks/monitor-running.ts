import { bad, ok, type Check, type Finding } from '../finding.ts';
import { wordsTaken, type DoctorFacts } from '../facts.ts';
import { appWord, processWord } from '../../framework/pm2-words.ts';
import { isModule } from '../../../pm2/monitor-process.ts';

const CHECK = 'monitor';

/** Does a monitor lead here, and can it judge and remember? */
export const monitorRunning: Check = (facts) => {
  const { status } = facts;
  if (status === null) return [notRunning(facts)];
  const { version, pid, unfit, history } = status.monitor;
  const reasons = [
    ...(unfit === null ? [] : [`it cannot judge now: ${unfit}`]),
    ...(history?.why ? [`what happens is not kept on disk: ${history.why}`] : []),
    // That of ps has a check of its own.
    ...status.problems.filter((problem) => !/\bprogram ps\b/.test(problem)),
  ];
  if (reasons.length === 0) return [ok(CHECK, `${version} runs (pid ${pid})`)];
  return reasons.map((reason) =>
    bad(
      CHECK,
      reason,
      'pm2 logs pm2-liveness says more; "Settings of the monitor" in docs/SETTINGS.md',
    ),
  );
};

function notRunning(facts: DoctorFacts): Finding {
  const { monitors, statusReason } = facts;
  const [first] = monitors;
  const word = first && processWord(first, wordsTaken(facts));
  if (statusReason !== undefined) {
    const fix = first === undefined ? 'stop what answers there, then start' : 'pm2 restart';
    return bad(
      CHECK,
      statusReason,
      `pm2 logs pm2-liveness says more; ${fix} ${word ?? 'the monitor'}`,
    );
  }
  if (first === undefined) {
    return bad(
      CHECK,
      'PM2 runs no monitor, so nothing is watched',
      'pm2-liveness init (adds it to the ecosystem file), then pm2 start ecosystem.config.cjs',
    );
  }
  const { pmId, status, name } = first;
  if (status === 'online' || status === 'launching') {
    return bad(CHECK, `${name} (pm_id ${pmId}) does not answer`, `pm2 logs ${appWord(name)}`);
  }
  const kind = isModule(first) ? 'the module' : name;
  return bad(CHECK, `${kind} (pm_id ${pmId}) is ${status} in PM2`, `pm2 restart ${word}`);
}
