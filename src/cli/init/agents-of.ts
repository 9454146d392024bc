import { isRecord } from '../../config/bad-value.ts';
import { agentLine } from '../proposal/agent-line.ts';
import { isMonitorEntry } from './existing-app.ts';
import type { Plan } from './plan.ts';

/** The apps of a file in `dir` that could have the agent, and the line for each. */
export function agentsOf(apps: readonly unknown[], dir: string): NonNullable<Plan['agents']> {
  return apps.flatMap((app) => {
    if (!isRecord(app) || isMonitorEntry(app)) return [];
    const line = agentLine(app, dir);
    const { name } = app;
    return line === null || typeof name !== 'string' ? [] : [[name, line] as const];
  });
}
