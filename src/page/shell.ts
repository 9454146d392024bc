import { html, type Html } from './html.ts';
import { SPRITE } from './shapes.ts';

/** Where style and script are found. */
const ASSETS = '/assets/';

/** What every page has around its content. */
export interface Shell {
  /** The beginning of the window's title. */
  readonly title: string;
  readonly main: Html;
  /** The address of the events that keep this page live. */
  readonly events: string;
  /** Which state of the page this is, see `Room`. */
  readonly rev: string;
  readonly version: string;
}

/** How often a page without script loads itself again, in seconds. */
const REFRESH_S = 20;

/** A whole page. It has no script and no style of its own, so that the strictest policy allows it. */
export function pageText({ title, main, events, rev, version }: Shell): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${windowTitle(title)}</title>
        <link rel="icon" href="${ASSETS}icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="${ASSETS}page.css" />
        <script type="module" src="${ASSETS}main.js"></script>
        <noscript><meta http-equiv="refresh" content="${REFRESH_S}" /></noscript>
      </head>
      <body data-events="${events}" data-rev="${rev}" data-version="${version}">
        ${SPRITE}
        <a class="skip" href="#main">Skip to the content</a>
        <header class="top">
          <a class="brand" href="/">pm2-liveness</a>
          <p class="link" id="link">
            <noscript>loads itself again every ${REFRESH_S} seconds</noscript>
          </p>
        </header>
        <p class="lost" id="lost" role="alert" hidden></p>
        <main id="main" tabindex="-1">${main}</main>
        <footer>
          <p>pm2-liveness ${version} · times <span id="zone">in UTC</span></p>
        </footer>
        <p class="unseen-text" id="say" role="status" aria-live="polite"></p>
      </body>
    </html> `.text;
}

/** The title of the window, which goes on with the name of this program. */
export function windowTitle(title: string): string {
  return `${title} · pm2-liveness`;
}
