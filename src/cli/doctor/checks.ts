import { addressFamily } from './checks/address-family.ts';
import { answers } from './answers.ts';
import { blocksValid } from './checks/blocks-valid.ts';
import { boot } from './checks/boot.ts';
import type { DoctorFacts } from './facts.ts';
import type { Check, Finding } from './finding.ts';
import { monitorRunning } from './checks/monitor-running.ts';
import { npmWrapper } from './checks/npm-wrapper.ts';
import { pm2Version } from './checks/pm2-version.ts';
import { portOwner } from './checks/port-owner.ts';
import { psPresent } from './checks/ps-present.ts';
import { severalMonitors } from './checks/several-monitors.ts';
import { strictPort } from './checks/strict-port.ts';
import { takenOut } from './taken-out.ts';
import { watchers } from './checks/watchers.ts';
import { wrapperMemory } from './checks/wrapper-memory.ts';

/** In the order in which a person fixes things. */
const CHECKS: readonly Check[] = [
  pm2Version,
  psPresent,
  monitorRunning,
  severalMonitors,
  blocksValid,
  takenOut,
  answers,
  portOwner,
  addressFamily,
  strictPort,
  npmWrapper,
  wrapperMemory,
  boot,
  watchers,
];

/** What all checks find; what holds for several instances of an app alike is said once. */
export function examine(facts: DoctorFacts): readonly Finding[] {
  const findings = CHECKS.flatMap((check) => check(facts));
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}
