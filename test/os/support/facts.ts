import type { ProcessFacts, ProcessTable } from '../../../src/os/os-reader.ts';

/** One process; any field can be replaced. */
export function facts(fields: Partial<ProcessFacts> & { pid: number }): ProcessFacts {
  return {
    ppid: 1,
    birth: String(fields.pid * 10),
    uid: 1_000,
    startedAtMs: 1_700_000_000_000,
    cpuMs: 100,
    rssBytes: 1_024,
    state: 'sleeping',
    tracerPid: 0,
    command: `process ${fields.pid}`,
    ...fields,
  };
}

/** A table of them. */
export function tableOf(...processes: ProcessFacts[]): ProcessTable {
  return new Map(processes.map((process) => [process.pid, process]));
}
