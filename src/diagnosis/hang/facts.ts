import type { AgentAnswer } from '../../agent/shapes.ts';
import type { ProcessState } from '../../os/os-reader.ts';

/** What the system and the app's agent show of a process that does not answer. */
export interface HangFacts {
  readonly state: ProcessState;
  /** The function of the kernel in which its main thread sleeps; null where it runs, and where that is hidden. */
  readonly channel: string | null;
  /** The share of one core that the process itself used between two looks; null where not known. */
  readonly share: number | null;
  readonly rssBytes: number | null;
  /** The command lines of processes that it started, the newest first, at most three. */
  readonly children: readonly string[];
  /** Null where the app has no agent, and where that did not answer. */
  readonly agent: AgentAnswer | null;
}
