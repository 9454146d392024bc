// How long a broken dev server is down, compared with PM2 alone, and with the best that the settings allow.
import { timingOf, windowOf } from '../floor.ts';
import { number, ratio, type Findings, type Part } from '../part.ts';
import { mean, median } from '../statistics.ts';
import { BLOCK, coldStart, comesBackAlone, faults, Stage, type Fault } from './stage.ts';

interface Times {
  readonly name: string;
  readonly times: readonly number[];
  /** What it is measured against: a typical round and the worst. */
  readonly beside: { readonly typicalMs: number; readonly worstMs: number };
  readonly besideWhat: string;
  readonly alone: string;
}

/** Rounds on one stage, one after the other. */
async function rounds(stage: Stage, fault: Fault, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < count; round += 1) times.push(await stage.recovery(fault));
  return times;
}

/** Milliseconds from the app's start to its first 200, of each round. */
type Starts = number[];

/** PM2 alone, PM2 with the monitor, and the app without PM2, in turn, with nothing else meanwhile. */
async function crashes(count: number, starts: Starts): Promise<Times> {
  const [alone, watched] = [
    await Stage.open({ isWatched: false }),
    await Stage.open({ isWatched: true }),
  ];
  const times = { alone: [] as number[], watched: [] as number[] };
  try {
    for (let round = 0; round < count; round += 1) {
      times.alone.push(await alone.recovery(faults.crash));
      times.watched.push(await watched.recovery(faults.crash));
      starts.push(await coldStart(false));
    }
  } finally {
    await Promise.all([alone.close(), watched.close()]);
  }
  return {
    name: 'crash (SIGKILL)',
    times: times.watched,
    beside: { typicalMs: median(times.alone), worstMs: Math.max(...times.alone) },
    besideWhat: 'PM2 alone',
    alone: `${number(median(times.alone))} ms`,
  };
}

/**
 * An orphan is evicted while the next server starts, so a core that another stage keeps busy shows at once: in
 * turn with its floor, the cold start, and with nothing else meanwhile.
 */
async function orphans(count: number): Promise<Times> {
  const stage = await Stage.open({ isWatched: true, isBehindNpm: true });
  const [times, starts]: [number[], number[]] = [[], []];
  try {
    for (let round = 0; round < count; round += 1) {
      times.push(await stage.recovery(faults.orphan));
      starts.push(await coldStart(true));
    }
  } finally {
    await stage.close();
  }
  return {
    name: 'orphan that answers 500',
    times,
    // PM2 reports the killed npm at once, and one proof that an orphan holds the port is enough.
    beside: { typicalMs: median(starts), worstMs: Math.max(...starts) },
    besideWhat: 'floor',
    alone: await alone(faults.orphan, true),
  };
}

/** The faults that PM2 does not see, each on its own stage: most of their time is waiting. */
async function theRest(count: number, starts: Starts): Promise<Times[]> {
  const measureFault = async (fault: Fault): Promise<number[]> => {
    const stage = await Stage.open({ isWatched: true });
    try {
      return await rounds(stage, fault, count);
    } finally {
      await stage.close();
    }
  };
  const [hang, wrong, ...ofPm2] = await Promise.all([
    measureFault(faults.hang),
    measureFault(faults.wrong),
    alone(faults.hang, false),
    alone(faults.wrong, false),
  ]);
  const timing = timingOf(BLOCK);
  const beside = (
    window: { readonly meanMs: number; readonly mostMs: number },
    startsMs: readonly number[],
  ): Times['beside'] => ({
    typicalMs: window.meanMs + median(startsMs),
    worstMs: window.mostMs + Math.max(...startsMs),
  });
  return [
    {
      name: 'hang (SIGSTOP)',
      times: hang,
      beside: beside(windowOf('stopped', timing), starts),
      besideWhat: 'floor',
      alone: ofPm2[0],
    },
    {
      name: 'answers 500',
      times: wrong,
      beside: beside(windowOf('wrong', timing), starts),
      besideWhat: 'floor',
      alone: ofPm2[1],
    },
  ];
}

async function alone(fault: Fault, isBehindNpm: boolean): Promise<string> {
  return (await comesBackAlone(fault, isBehindNpm)) ? 'comes back' : 'not within 15 s';
}

function findingsOf(all: readonly Times[]): Findings {
  const rows = all.map(({ name, times, beside, besideWhat, alone: ofPm2 }) => ({
    name,
    ofPm2,
    besideWhat,
    beside,
    medianMs: median(times),
    meanMs: mean(times),
    worstMs: Math.max(...times),
    times,
  }));
  return {
    tables: [
      {
        head: [
          'fault',
          'PM2 alone',
          'median, ms',
          'worst, ms',
          'beside',
          'its median, ms',
          'its worst, ms',
          'ratio',
          'of the worst',
        ],
        rows: rows.map(({ name, ofPm2, besideWhat, beside, medianMs, worstMs }) => [
          name,
          ofPm2,
          number(medianMs),
          number(worstMs),
          besideWhat,
          number(beside.typicalMs),
          number(beside.worstMs),
          ratio(medianMs / beside.typicalMs),
          besideWhat === 'floor' ? '' : ratio(worstMs / beside.worstMs),
        ]),
      },
    ],
    goals: rows.map(({ name, besideWhat, beside, medianMs }) => ({
      what: `${name}, fault to page ÷ ${besideWhat}`,
      figure: medianMs / beside.typicalMs,
      limit: besideWhat === 'floor' ? 1.15 : 1.05,
    })),
    figures: rows,
  };
}

export const recovery: Part = {
  name: 'recovery',
  async run(isQuick) {
    // The first and the last row are of a dozen milliseconds: they need more pairs than those that wait.
    const [pairs, count] = isQuick ? [3, 3] : [20, 10];
    const starts: Starts = [];
    const crash = await crashes(pairs, starts);
    return findingsOf([crash, ...(await theRest(count, starts)), await orphans(pairs)]);
  },
};
