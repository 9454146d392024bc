import { answers } from './checks/answers.ts';
import { boot } from './checks/boot.ts';
import { certFile } from './checks/cert-file.ts';
import { dependsOn } from './checks/depends-on.ts';
import { guard } from './checks/guard.ts';
import { killTimeout } from './checks/kill-timeout.ts';
import { monitorRunning, severalMonitors } from './checks/monitor.ts';
import { notify } from './checks/notify.ts';
import { pm2Version, psPresent } from './checks/pm2.ts';
import { addressFamily, portOwner, strictPort } from './checks/port.ts';
import { blocksValid, takenOut, unwatched } from './checks/settings.ts';
import { tcpProbe } from './checks/tcp-probe.ts';
import { watchers } from './checks/watchers.ts';
import { npmWrapper, wrapperMemory } from './checks/wrapper.ts';
import type { DoctorFacts } from './facts.ts';
import type { Check, Finding } from './finding.ts';

/** In the order in which a person fixes things. */
const CHECKS: readonly Check[] = [
  pm2Version,
  psPresent,
  monitorRunning,
  severalMonitors,
  blocksValid,
  unwatched,
  dependsOn,
  takenOut,
  certFile,
  answers,
  tcpProbe,
  portOwner,
  addressFamily,
  strictPort,
  npmWrapper,
  wrapperMemory,
  killTimeout,
  notify,
  boot,
  guard,
  watchers,
];

/** The findings of all checks. What is the same for several instances of an app is reported once. */
export function examine(facts: DoctorFacts): readonly Finding[] {
  const findings = CHECKS.flatMap((check) => check(facts));
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}
