import { appFragments, appMain, unknownMain } from './app-page.ts';
import { worstFirst } from './face.ts';
import type { Html } from './html.ts';
import { headlineOf, labelOf } from './headline.ts';
import type { RowHistory } from './kept-rows.ts';
import { homeFragments, homeMain, rowOrder, type Fragments } from './home-page.ts';
import type { PageFacts, PageName } from './page-facts.ts';

/** A page in its pieces, so that those that change can be sent alone. */
export interface RenderedPage {
  readonly title: string;
  readonly fragments: Fragments;
  /** The ids of the rows in order; empty where a page has none. */
  readonly order: readonly string[];
  /** The whole content, with the pieces in their places. */
  readonly main: () => Html;
  /** False where there is no such app. */
  readonly isFound: boolean;
}

/** Makes a page of the facts; `historyOf` may keep what it made of the rows. */
export function renderPage(facts: PageFacts, page: PageName, historyOf?: RowHistory): RenderedPage {
  if (page.kind === 'home') {
    const fragments = homeFragments(facts, page.span, historyOf);
    const order = rowOrder(facts.status);
    const title = headlineOf(facts.status, facts.at).text;
    return {
      title,
      fragments,
      order,
      main: () => homeMain(fragments, order, page.span),
      isFound: true,
    };
  }
  const { name, instance } = page;
  // Of apps of one name, in different namespaces, the worse one: as /health and the metrics do.
  const [target] = worstFirst(
    facts.status.targets.filter((each) => each.name === name && each.instance === instance),
  );
  if (target === undefined) {
    const main = (): Html => unknownMain(labelOf(page));
    return { title: labelOf(page), fragments: new Map(), order: [], main, isFound: false };
  }
  const fragments = appFragments(facts, target);
  const title = `${labelOf(target)}: ${target.state}`;
  return { title, fragments, order: [], main: () => appMain(fragments), isFound: true };
}
