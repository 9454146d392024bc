import type { AgentAnswer } from '../../agent/shapes.ts';
import { askAgent } from '../../agent/client.ts';
import { loadMonitorConfig } from '../../config/load.ts';
import { lookAtHang } from '../../diagnosis/hang/hang-watch.ts';
import { hangLines, placeText } from '../../diagnosis/hang/sentence.ts';
import { askInspector } from '../../diagnosis/inspector/ask-inspector.ts';
import type { OsReader, ProcessIdentity } from '../../os/os-reader.ts';
import { treeOf } from '../../os/tree.ts';
import { createOsReader } from '../../os/create-reader.ts';
import { jsonText } from '../../text/json-text.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import { instanceLabel } from '../../text/instance-label.ts';
import { systemClock as clock } from '../../time/clock.ts';
import type { CliCommand } from '../framework/command.ts';
import { MonitorInquiry, narrowToApp } from '../status/monitor-status.ts';

/** A profile takes a second, on a busy machine longer. */
const ASK_MS = 8_000;

/** What takes less is noise. */
const LEAST_SHARE = 0.01;

const NO_AGENT =
  "no agent: start the app with node_args: '--import pm2-liveness/agent' to see where its code is";

export const stack: CliCommand = {
  name: 'stack',
  summary: 'show what an app does now: where its code is, what it waits for',
  arguments: [{ name: 'app', isRequired: true, completes: 'app' }],
  options: { json: { type: 'boolean', summary: 'the same as JSON' } },
  examples: [['stack web', 'it hangs or is slow: where?']],
  async run({ words: [app = ''], has }, io) {
    const { pm2Home } = loadMonitorConfig();
    const monitor = new MonitorInquiry(pm2Home);
    try {
      const { targets } = narrowToApp('stack', await monitor.mustStatus(), app);
      const reader = createOsReader();
      const ask: typeof askAgent = (home, asked) => askAgent(home, asked, 'profile', ASK_MS);
      const looks = await Promise.all(
        targets.map(async ({ name, instance, pid }) => {
          const inspect = (process: ProcessIdentity): Promise<AgentAnswer | null> =>
            askInspector({ process, cwd: '/', mayOpen: false }, { reader, clock });
          const holder = await listenerBelow(pid, reader);
          const facts = await lookAtHang(pid, { reader, clock, pm2Home, ask, inspect }, holder);
          return { name, instance, pid, lines: facts && hangLines(facts), agent: facts?.agent };
        }),
      );
      if (has('json')) io.out(jsonText({ schemaVersion: 1, looks }, 2));
      else
        for (const { name, instance, pid, lines, agent } of looks) {
          const head = io.style.bold(sanitizeLine(instanceLabel(name, instance)));
          io.out(`${head}  ${pid > 0 ? `pid ${pid}` : 'not running'}`);
          for (const line of shownLines(lines, agent)) io.out(`  ${sanitizeLine(line)}`);
        }
      return looks.every(({ lines }) => lines !== null) ? 0 : 1;
    } finally {
      await monitor.close();
    }
  },
};

/** The process that listens below a wrapper like npm; null where PM2's own process does, and where nobody does. */
async function listenerBelow(pid: number, reader: OsReader): Promise<number | null> {
  const table = pid > 0 ? await reader.processes([pid]) : null;
  const pids = table === null ? [] : treeOf(table, pid).map((each) => each.pid);
  const listeners = pids.length < 2 ? null : await reader.listenersOf(pids);
  const listening = listeners?.flatMap((each) => each.pids ?? []) ?? [];
  return listening.includes(pid) ? null : (listening.find((each) => pids.includes(each)) ?? null);
}

/** The sentence, the stack where it means something, and what the agent measured. */
function shownLines(
  lines: readonly string[] | null,
  agent: AgentAnswer | null | undefined,
): readonly string[] {
  if (lines === null) return ['nothing can be seen of it'];
  if (!agent) return [...lines, NO_AGENT];
  // Where an idle thread is stopped is chance.
  const isIdle = (agent.profile?.idleShare ?? 0) > 0.5;
  return [...(isIdle ? lines.slice(0, 1) : lines), ...profileLines(agent)];
}

/** The hottest functions, and how late its event loop was. */
function profileLines({ profile, delay }: AgentAnswer): readonly string[] {
  const hot = profile?.hot
    .filter(({ share }) => share >= LEAST_SHARE)
    .map((frame) => `${Math.round(frame.share * 100)} % ${placeText(frame)}`);
  return [
    ...(profile === null
      ? []
      : [`idle for ${Math.round(profile.idleShare * 100)} % of ${profile.ms} ms`]),
    ...(hot ?? []),
    ...(delay === null
      ? []
      : [`event loop delay: p50 ${delay.p50Ms} ms, p99 ${delay.p99Ms} ms, max ${delay.maxMs} ms`]),
  ];
}
