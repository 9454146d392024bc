// `-- --beside <revision>`: runs the same parts of another build in turn with this one, and gives the ratio
// of each pair. A median ratio that is worse by more than 3 % is a missed goal.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Checkout } from './checkout.ts';
import { number, type Findings, type Part } from './part.ts';
import { median } from './statistics.ts';
import { OWN_ROOT, type Measured } from './subject/measure.ts';

const run = promisify(execFile);

/** Parts that measure both builds themselves, and need no turns. */
const ROUNDS = { quick: 1, whole: 3 } as const;

/** A figure worse by more than this is worse. */
const WORSE = 1.03;

/** One figure of both builds, by rounds. */
interface Pairs {
  readonly what: string;
  readonly own: readonly number[];
  readonly other: readonly number[];
}

/** Runs parts of both builds in turn, and shows each figure beside the other build's. */
export async function besides(
  parts: readonly Pick<Part, 'name'>[],
  other: Checkout,
  isQuick: boolean,
): Promise<Findings> {
  const pairs: Pairs[] = [];
  for (const { name } of parts) {
    const [own, others]: [Map<string, number>[], Map<string, number>[]] = [[], []];
    for (let round = 0; round < (isQuick ? ROUNDS.quick : ROUNDS.whole); round += 1) {
      const turns = [
        async () => own.push(await figuresOf(OWN_ROOT, name, isQuick)),
        async () => others.push(await figuresOf(other.root, name, isQuick)),
      ];
      // The order alternates, because the first run finds the machine in another state than the second.
      for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
    }
    const compared = pairsOf(own, others);
    if (compared.length === 0) throw new Error(`${name} has no figure that both builds give`);
    pairs.push(...compared);
  }
  return findingsOf(pairs, other.name);
}

/** Runs one whole part of a build in its own process: its goals, and the CPU at each size. */
async function figuresOf(root: URL, name: string, isQuick: boolean): Promise<Map<string, number>> {
  const args = ['--import', 'tsx', 'bench/run.ts', name, ...(isQuick ? ['--quick'] : [])];
  await run(process.execPath, args, { cwd: root.pathname, maxBuffer: 16 * 1_048_576 });
  const text = await readFile(new URL('bench/results.json', root), 'utf8');
  // as: written by run.ts, of either build.
  const { parts } = JSON.parse(text) as { readonly parts: Readonly<Record<string, Findings>> };
  const found = parts[name];
  return new Map([
    ...(found?.goals ?? []).map(({ what, figure }) => [what, figure] as const),
    ...sizesOf(found?.figures),
    ...pollOf(found?.figures),
  ]);
}

/** The scale part has no goals for its sizes. */
function sizesOf(figures: unknown): (readonly [string, number])[] {
  // as: what scale.ts writes, of either build; other parts have no sizes.
  const { sizes = [] } = (figures ?? {}) as {
    readonly sizes?: readonly {
      readonly targets: number;
      readonly periodMs: number;
      readonly monitor: Measured;
      readonly bare: Measured;
    }[];
  };
  const share = ({ cpuUs, elapsedMs }: Measured): number => cpuUs / elapsedMs;
  return sizes.map(({ targets, periodMs, monitor, bare }) => [
    `CPU at ${number(targets)} targets of ${periodMs / 1_000} s ÷ bare loops`,
    share(monitor) / share(bare),
  ]);
}

/** The listing part has no goal for the cost of a poll either. */
function pollOf(figures: unknown): (readonly [string, number])[] {
  // as: what listing.ts writes, of either build; other parts have no polls.
  const { pollMs, barePollMs } = (figures ?? {}) as {
    readonly pollMs?: number;
    readonly barePollMs?: number;
  };
  if (pollMs === undefined || barePollMs === undefined) return [];
  return [["CPU of a look at PM2's list ÷ bare `pm2.list`", pollMs / barePollMs]];
}

function pairsOf(
  own: readonly ReadonlyMap<string, number>[],
  other: readonly ReadonlyMap<string, number>[],
): Pairs[] {
  const figures = (rounds: readonly ReadonlyMap<string, number>[], what: string): number[] =>
    rounds.map((round) => round.get(what) ?? Number.NaN);
  return [...(own[0]?.keys() ?? [])]
    .filter((what) => other[0]?.has(what))
    .map((what) => ({ what, own: figures(own, what), other: figures(other, what) }));
}

/** The ratios of the pairs; above 1 is worse. */
function ratiosOf({ own, other }: Pairs): number[] {
  return own.map((figure, round) => figure / (other[round] ?? Number.NaN));
}

function findingsOf(pairs: readonly Pairs[], name: string): Findings {
  return {
    tables: [
      {
        head: ['figure', 'this build', name, 'ratio', 'of all pairs'],
        rows: pairs.map((each) => [
          each.what,
          number(median(each.own)),
          number(median(each.other)),
          number(median(ratiosOf(each))),
          ratiosOf(each)
            .map((ratio) => ratio.toFixed(2))
            .join(' '),
        ]),
      },
    ],
    goals: pairs
      .filter(({ other }) => median(other) > 0)
      .map((each) => ({
        what: `${each.what}, this build ÷ ${name}`,
        figure: median(ratiosOf(each)),
        limit: WORSE,
      })),
    figures: pairs,
  };
}
