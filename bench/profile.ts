// Where the CPU time goes with a thousand targets, each probed once a second.
import type { Part } from './part.ts';
import { measure } from './subject/measure.ts';
import { startServers } from './subject/start-servers.ts';

const TARGETS = 1_000;
/** Smaller places get no line. */
const LEAST = 0.01;

export const profile: Part = {
  name: 'profile',
  async run(isQuick) {
    const servers = await startServers(TARGETS);
    try {
      const { profile: spent } = await measure({
        mode: 'monitor',
        asked: servers.ports.map((port) => ({ http: `http://127.0.0.1:${port}/` })),
        periodMs: 1_000,
        serverPid: servers.pid,
        warmMs: 3_000,
        measureMs: isQuick ? 4_000 : 10_000,
        isProfiled: true,
      });
      const shown = spent.filter(({ share }) => share >= LEAST);
      const rows = shown.map(({ where, share }) => [where, `${(share * 100).toFixed(1)} %`]);
      const head = ['where the CPU is at 1 000 targets', 'share'];
      return { tables: [{ head, rows }], goals: [], figures: spent };
    } finally {
      servers.stop();
    }
  },
};
