/** How long one expression may work on the texts of one answer. */
export const JUDGE_MS = 100;

/** One question to the worker. */
export interface Request {
  readonly source: string;
  readonly flags: string;
  /** In order; one match is enough. */
  readonly texts: readonly string[];
}

/** The answer: whether a text matches, that the time ran out, or why there is no answer. */
export type Verdict =
  | 'found'
  | 'missing'
  | 'slow'
  /** For people: the engine gave up, or there is no worker. */
  | { readonly unable: string };

/** The worker's messages: first that it begins with the request, then the result. */
export type Message = 'begun' | Exclude<Verdict, 'slow'>;

/**
 * The worker's program, as text, so that it is the same in `src` and `dist` and needs no loader. It has no
 * time limit of its own: its caller terminates it, which V8 allows within an expression. A timeout of `vm`
 * would also work, but it opens descriptors, and where none are left it aborts the whole process.
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
