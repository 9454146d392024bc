/** How long one expression may work on the texts of one answer. */
export const JUDGE_MS = 100;

/** What the worker is asked. */
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

/**
 * The worker's program. As text, so that it is the same in `src` and `dist` and needs no loader. V8
 * looks at the timeout of `vm` in the middle of an expression; compiling one it does not interrupt.
 */
export const PROGRAM = `
const { parentPort } = require('node:worker_threads');
const { createContext, Script } = require('node:vm');
const context = createContext({ __proto__: null, expression: null, texts: null });
const script = new Script('texts.some((text) => { expression.lastIndex = 0; return expression.test(text); })');
parentPort.on('message', ({ source, flags, texts }) => {
  try {
    context.expression = new RegExp(source, flags);
    context.texts = texts;
    const isFound = script.runInContext(context, { timeout: ${JUDGE_MS} });
    parentPort.postMessage(isFound ? 'found' : 'missing');
  } catch (error) {
    const isSlow = error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    parentPort.postMessage(isSlow ? 'slow' : { unable: String(error && error.message) });
  }
  context.texts = null;
});
`;
