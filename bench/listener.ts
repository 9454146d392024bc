// What the monitor's listener costs while Prometheus scrapes it every five seconds: pairs of runs, without and with it.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { number, ratio, type Findings, type Part } from './part.ts';
import { quantile } from './statistics.ts';
import { begin, type Measured, type Subject } from './subject/measure.ts';
import { startServers } from './subject/start-servers.ts';

const TARGETS = 100;
const SCRAPE_MS = 5_000;

interface Pair {
  readonly without: Measured;
  readonly scraped: Measured;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on a port
  server.close();
  await once(server, 'close');
  return port;
}

/** Scrapes until the subject ends; says how often it got all of it. */
async function scraped(subject: Subject): Promise<Measured> {
  const httpPort = await freePort();
  const { ready, measured } = begin({ ...subject, httpPort });
  await ready;
  let scrapes = 0;
  const scrape = async (): Promise<void> => {
    const answer = await fetch(`http://127.0.0.1:${httpPort}/metrics`);
    if (answer.ok && (await answer.text()).includes('pm2_liveness_target_state')) scrapes += 1;
  };
  // The listener begins a moment after the watch; an end of the subject breaks the last one off.
  const timer = setInterval(() => void scrape().catch(() => undefined), SCRAPE_MS);
  try {
    const found = await measured;
    if (scrapes === 0) throw new Error('nothing could be scraped');
    return found;
  } finally {
    clearInterval(timer);
  }
}

async function plain(subject: Subject): Promise<Measured> {
  const { ready, measured } = begin(subject);
  await ready;
  return measured;
}

async function measurePairs(pairs: number): Promise<readonly Pair[]> {
  const servers = await startServers(TARGETS);
  const subject: Subject = {
    mode: 'monitor',
    asked: servers.ports.map((port) => ({ http: `http://127.0.0.1:${port}/` })),
    periodMs: 1_000,
    serverPid: servers.pid,
    warmMs: 2_000,
    measureMs: 15_000,
  };
  const found: Pair[] = [];
  try {
    for (let nth = 0; nth < pairs; nth += 1) {
      // In turn the first one, because the machine may become slower or faster.
      const before = nth % 2 === 0 ? await plain(subject) : null;
      const withIt = await scraped(subject);
      found.push({ without: before ?? (await plain(subject)), scraped: withIt });
    }
  } finally {
    servers.stop();
  }
  return found;
}

function findingsOf(pairs: readonly Pair[]): Findings {
  const ratios = (figure: (measured: Measured) => number): number[] =>
    pairs.map(({ without, scraped: withIt }) => figure(withIt) / figure(without));
  const cpu = ratios(({ cpuUs, elapsedMs }) => cpuUs / elapsedMs);
  const memory = ratios(({ rssBytes }) => rssBytes);
  const median = (values: readonly number[]): number => quantile([...values], 0.5);
  const [cpuRatio, memoryRatio] = [median(cpu), median(memory)];
  const row = (what: string, values: readonly number[]): string[] => [
    what,
    ratio(median(values)),
    `${ratio(Math.min(...values))} to ${ratio(Math.max(...values))}`,
  ];
  const lag = (pick: (pair: Pair) => Measured): string =>
    number(median(pairs.map((pair) => pick(pair).lagP99Ms)));
  return {
    tables: [
      {
        head: [`${TARGETS} targets, asked each second`, 'scraped beside without', 'least to most'],
        rows: [
          row('CPU', cpu),
          row('RSS', memory),
          ['delay p99, ms', lag((pair) => pair.scraped), `without: ${lag((pair) => pair.without)}`],
        ],
      },
    ],
    goals: [
      { what: 'CPU with the listener scraped each 5 s beside none', figure: cpuRatio, limit: 1.05 },
      { what: 'RSS with the listener beside none', figure: memoryRatio, limit: 1.05 },
    ],
    figures: { cpu, memory },
  };
}

export const listener: Part = {
  name: 'listener',
  async run(isQuick) {
    return findingsOf(await measurePairs(isQuick ? 1 : 7));
  },
};
