/** How long one expression may work on the texts of one answer. */
export const JUDGE_MS = 100;

/** One question to the worker. */
export interface Request {
  readonly source: string;
  readonly flags: string;
  /** In order; one that matches is enough. */
  readonly texts: readonly string[];
}

/** What it says: whether one matches, that the time ran out, or what the engine said against it. */
export type Verdict =
  | 'found'
  | 'missing'
  | 'slow'
  /** For a person: the engine gave up, or there is no worker. */
  | { readonly unable: string };

/** What the worker sends: that it begins with the request, and then what it found. */
export type Message = 'begun' | Exclude<Verdict, 'slow'>;

/**
 * The worker's program. As text, so that it is the same in `src` and `dist` and needs no loader. It
 * knows no time: who asks ends it, which V8 obeys in the middle of an expression. The timeout of `vm`
 * would do that too, but it opens descriptors, and where none are left it aborts the whole process.
 */
export const PROGRAM = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', ({ source, flags, texts }) => {
  parentPort.postMessage('begun');
  try {
    const expression = new RegExp(source, flags);
    parentPort.postMessage(texts.some((text) => expression.test(text)) ? 'found' : 'missing');
  } catch (error) {
    parentPort.postMessage({ unable: String(error && error.message) });
  }
});
`;
