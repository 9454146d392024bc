/**
 * The faults to survive (CHAOS of the design), each with what is right, and with one mutation: a
 * guard taken out of the product, after which the scenario must fail. `npm run test:mutations` takes
 * each out in a copy and shows that it does.
 */
export interface Scenario {
  readonly fault: string;
  readonly right: string;
  readonly mutation: Mutation;
}

/** Text of one source file, which stands in it once, and what takes its place. */
export interface Mutation {
  /** What is taken out, in words. */
  readonly without: string;
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

/** By the number that the design gives them. */
export const SCENARIOS: Readonly<Record<number, Scenario>> = {
  16: {
    fault: 'operator’s pm2 stop, at 20 random moments of our restart',
    right: 'ends stopped',
    mutation: {
      without: 'repeating a stop that was lost in our restart',
      file: 'src/action/crossing.ts',
      find: "if (manually && event === 'stop') this.#want('stop');",
      put: '',
    },
  },
  17: {
    fault: 'operator’s pm2 delete, at 20 random moments of our restart',
    right: 'gone, the port free',
    mutation: {
      without: 'ending the process that a crossing delete leaves, and repeating a lost one',
      file: 'src/action/aftermath.ts',
      find: 'await watch.wait(CROSSING_MS);',
      put: 'if (order.pmId >= 0) return null;',
    },
  },
};
