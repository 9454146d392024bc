import { setImmediate } from 'node:timers/promises';
import { measureJudging } from '../measure-judging.ts';
import type { ProbeContext } from '../probe.ts';

/** What gives the specifiers of a module; throws where it cannot be read to its end. */
type Lexer = (source: string) => readonly string[];

let loading: Promise<Lexer> | undefined;

/**
 * Begins to load the lexer, with the first `vite` probe: a monitor without one stays smaller by it.
 * Not with the first deep check: Node never again loads a module that it could not read, and by then
 * there may be no descriptors left.
 */
export function preloadLexer(): void {
  lexer().catch(() => undefined);
}

/** Rejects where it could not be loaded. */
function lexer(): Promise<Lexer> {
  loading ??= loadLexer();
  return loading;
}

async function loadLexer(): Promise<Lexer> {
  const { init, parse } = await import('es-module-lexer/minimal');
  await init();
  return (source) => {
    const [imports] = parse(source);
    // -1: a static import. Dynamic ones are loaded only when a page wants them, if ever.
    return imports.flatMap(({ n, d }) => (d === -1 && n !== undefined ? [n] : []));
  };
}

/**
 * The specifiers of a module's static imports; none of one that cannot be read to its end. One module
 * a turn of the loop, no matter who asks: half a megabyte that is nothing but imports takes 60 ms.
 */
export function staticImportsOf(
  source: string,
  context: Pick<ProbeContext, 'now' | 'noteJudging'> = { now: () => 0 },
): Promise<readonly string[]> {
  const read = lastRead.then(() => setImmediate()).then(() => readImports(source, context));
  lastRead = read.catch(() => undefined);
  return read;
}

/** When the last one that was asked for is read; never rejects. */
let lastRead: Promise<unknown> = Promise.resolve();

async function readImports(
  source: string,
  context: Pick<ProbeContext, 'now' | 'noteJudging'>,
): Promise<readonly string[]> {
  const lex = await lexer();
  try {
    return measureJudging(context, () => lex(source));
  } catch {
    return []; // cut at our cap, or broken in a way that Vite did not see: not for us to judge
  }
}
