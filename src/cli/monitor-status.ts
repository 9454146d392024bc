import { LivenessError } from '../errors.ts';
import type { Pm2Client } from '../pm2/client.ts';
import type { StatusDocument } from '../report/status.ts';

/** The name under which PM2 runs the monitor. */
const MONITOR = 'pm2-liveness';

/** Asks the running monitor for its status document. Null where PM2 runs none. */
export async function monitorStatus(pm2: Pm2Client): Promise<StatusDocument | null> {
  const processes = await pm2.list();
  const monitor = processes.find(({ name, status }) => name === MONITOR && status === 'online');
  if (!monitor) return null;
  const answer = await pm2.trigger(monitor, 'status');
  if (isStatusDocument(answer)) return answer;
  throw new LivenessError('ERR_PM2_FAILED', `${MONITOR} gave no status document of version 1`);
}

function isStatusDocument(value: unknown): value is StatusDocument {
  return (
    typeof value === 'object' &&
    value !== null &&
    'schemaVersion' in value &&
    value.schemaVersion === 1 &&
    'targets' in value &&
    Array.isArray(value.targets)
  );
}

/** True where every target answers well, there is one, and no block is refused. */
export function isAllWell({ targets, misconfigured }: StatusDocument): boolean {
  return (
    targets.length > 0 &&
    misconfigured.length === 0 &&
    targets.every(({ state }) => state === 'healthy')
  );
}

/** A line per app: name, and what its state is and why. */
export function statusLines({ monitor, targets, misconfigured }: StatusDocument): string[] {
  const width = Math.max(0, ...targets.map(({ name }) => name.length));
  return [
    ...(monitor.unfit === null ? [] : [`The monitor cannot judge now: ${monitor.unfit}.`]),
    ...targets.map(
      ({ name, summary, probe }) => `${name.padEnd(width)}  ${summary}  ${probe.target}`,
    ),
    ...misconfigured.map(({ message }) => message),
  ];
}
