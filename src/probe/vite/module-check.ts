import type { LightAbortSignal } from '../../time/light-abort.ts';
import { measureJudging } from '../measure-judging.ts';
import { askHttp, askHttpFollowing } from '../http/ask.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import { pathOf } from '../http/request.ts';
import type { HttpRequest } from '../http/request.ts';
import { staticImportsOf } from './module-imports.ts';
import type { Outcome, ProbeContext } from '../probe.ts';
import { isJavaScript, judgeModule, judgePage } from './answer.ts';
import { checkHotReload } from './hmr.ts';
import { moduleScriptsOf } from './html.ts';
import { MAX_DEPENDENCIES, type LostDependencies } from './dependency-check.ts';
import { explainPage } from './page-error.ts';
import { dependencyOf, keyOf, moduleOf, servedBase } from './module-url.ts';
import type { ViteModule } from './module-url.ts';
import type { ViteTarget } from './target.ts';

/** The most modules of one check; the rest of a larger app is not checked. */
const MAX_MODULES = 200;
/** Modules that are requested at a time; a browser requests more. */
const CONCURRENCY = 4;
/** The most that is read of a page or module. */
const MAX_BODY_BYTES = 512 * 1024;
/** The most that is read in one check; the rest is not checked. */
const MAX_CHECK_BYTES = 16 * 1024 * 1024;
/** The most imports of one module; each costs one or two parsed URLs. */
const MAX_IMPORTS = 1_000;

/** The result for one module. */
interface Look {
  readonly verdict: Outcome | undefined;
  readonly imports: readonly ViteModule[];
  readonly dependencies: readonly URL[];
}

/**
 * Requests the page, its entry modules, the user's own modules that these import statically, because with
 * a broken module the page and the entry still answer 200, and the dependencies that they import. Rejects
 * only for a bug. Stops when the signal of `context` aborts, which counts as the deadline; asking for the reason
 * of a bad page may go on until `dropped` aborts.
 */
export async function checkDeeply(
  target: ViteTarget,
  lost: LostDependencies,
  context: ProbeContext,
  dropped: LightAbortSignal,
): Promise<Outcome> {
  const page = await askHttpFollowing(target.origin, pageRequest(target), context);
  if (page.kind === 'failure') return inDeepCheck(page.outcome, 'the page', context.timeoutMs);
  const verdict = measureJudging(context, () => judgePage(page.answer));
  if (verdict !== undefined) {
    return explainPage(verdict, page.answer, {
      target,
      page: pageRequest(target),
      context: { ...context, signal: dropped },
    });
  }

  const scripts = measureJudging(context, () => moduleScriptsOf(page.answer.body.toString('utf8')));
  const base = servedBase(scripts, target.url);
  const entries = scripts.flatMap((source) => moduleOf(source, target.url, base) ?? []);
  const walk = new ModuleWalk(target, base, context);
  const modules = await walk.run(entries);
  if (modules.kind === 'fail') return modules;
  const outcome = (await lost.check(target, walk.dependencies, context)) ?? modules;
  if (outcome.kind !== 'ok' || target.options.hmr !== true) return outcome;
  return (await checkHotReload(target, base, context)) ?? outcome;
}

/** Walks over the modules, breadth first, each once. */
class ModuleWalk {
  readonly #target: ViteTarget;
  readonly #base: string;
  readonly #context: ProbeContext;
  readonly #seen = new Set<string>();
  readonly #queue: ViteModule[] = [];
  readonly #dependencies = new Map<string, URL>();
  #looked = 0;
  #bytes = 0;

  constructor(target: ViteTarget, base: string, context: ProbeContext) {
    this.#target = target;
    this.#base = base;
    this.#context = context;
  }

  /** What the modules import of Vite's optimised dependencies, up to a bound. */
  get dependencies(): readonly URL[] {
    return [...this.#dependencies.values()];
  }

  /** The first failure in the order of the imports; else the first unknown result; else ok. */
  async run(entries: readonly ViteModule[]): Promise<Outcome> {
    this.#enqueue(entries);
    let open: Outcome | undefined;
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, CONCURRENCY);
      const looks = await Promise.all(batch.map((module) => this.#lookAt(module)));
      for (const { verdict, imports, dependencies } of looks) {
        if (verdict?.kind === 'fail') return verdict;
        open ??= verdict;
        this.#enqueue(imports);
        for (const url of dependencies) {
          if (this.#dependencies.size < MAX_DEPENDENCIES) this.#dependencies.set(pathOf(url), url);
        }
      }
      this.#looked += batch.length;
      if (this.#context.signal.aborted || this.#bytes > MAX_CHECK_BYTES) break;
    }
    return open ?? { kind: 'ok', detail: `deep check: ${this.#looked} modules are fine` };
  }

  #enqueue(modules: readonly ViteModule[]): void {
    for (const module of modules) {
      if (this.#seen.size >= MAX_MODULES) return;
      const key = keyOf(module);
      if (this.#seen.has(key)) continue;
      this.#seen.add(key);
      this.#queue.push(module);
    }
  }

  async #lookAt(module: ViteModule): Promise<Look> {
    const startedAt = this.#context.now();
    const request = moduleRequest(this.#target, module);
    const reply = await askHttp(this.#target.origin, request, this.#context);
    if (reply.kind === 'failure') {
      const waitedMs = this.#context.now() - startedAt;
      return { ...NO_IMPORTS, verdict: this.#judgeFailure(reply.outcome, module, waitedMs) };
    }
    this.#bytes += reply.answer.body.length;
    const verdict = measureJudging(this.#context, () => judgeModule(reply.answer, module));
    const found = verdict === undefined ? await this.#importsOf(reply.answer, module) : NO_IMPORTS;
    return { verdict, ...found };
  }

  /**
   * Judges a failure. A large app on a slow machine may not finish all its modules in time, which is no hang.
   * A hang is only an entry, or a module that took half of the time.
   */
  #judgeFailure(outcome: Outcome, module: ViteModule, waitedMs: number): Outcome | undefined {
    const isOurDeadline = this.#context.signal.aborted;
    const isSlow = waitedMs >= this.#context.timeoutMs / 2;
    if (isOurDeadline && module.importer !== undefined && !isSlow) return undefined;
    return inDeepCheck(outcome, module.name, Math.round(waitedMs));
  }

  async #importsOf(answer: HttpAnswer, { url, name }: ViteModule): Promise<Omit<Look, 'verdict'>> {
    if (!isJavaScript(answer)) return NO_IMPORTS;
    const all = await staticImportsOf(answer.body.toString('utf8'), this.#context);
    const specifiers = all.slice(0, MAX_IMPORTS);
    return {
      imports: specifiers.flatMap((each) => moduleOf(each, url, this.#base, name) ?? []),
      dependencies: specifiers.flatMap((each) => dependencyOf(each, url, this.#base) ?? []),
    };
  }
}

const NO_IMPORTS = { imports: [], dependencies: [] } as const;

/** A failure without an answer, reported as one of the deep check. */
function inDeepCheck(outcome: Outcome, name: string, waitedMs: number): Outcome {
  if (outcome.kind !== 'fail' || outcome.class !== 'timeout') {
    return { ...outcome, detail: `deep check of ${name}: ${outcome.detail}` };
  }
  return { ...outcome, detail: `deep check: no answer for ${name} within ${waitedMs} ms` };
}

function pageRequest({ url, headersWith }: ViteTarget): HttpRequest {
  return {
    method: 'GET',
    path: pathOf(url),
    headers: headersWith({ accept: 'text/html' }),
    maxBodyBytes: MAX_BODY_BYTES,
    useBody: () => 'keep',
  };
}

/**
 * The request of a browser for a module: without `Sec-Fetch-Dest`, Vite answers with its page for a missing
 * one.
 */
function moduleRequest({ headersWith }: ViteTarget, { url }: ViteModule): HttpRequest {
  return {
    method: 'GET',
    path: pathOf(url),
    headers: headersWith({ accept: '*/*', 'sec-fetch-dest': 'script' }),
    maxBodyBytes: MAX_BODY_BYTES,
    useBody: () => 'keep',
  };
}
