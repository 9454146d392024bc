import type { Face, Shape } from './face.ts';
import { html, Html, type HtmlValue } from './html.ts';

/** The shapes, drawn in a field of 16 by 16: each has an outline of its own, so that it is known without colour. */
const SHAPES: Readonly<Record<Shape, string>> = {
  up: '<circle cx="8" cy="8" r="7"/><path class="ink" d="M4.8 8.3l2.2 2.2 4.2-4.6"/>',
  start: '<path class="line" d="M8 1.8a6.2 6.2 0 1 1-6.2 6.2"/><circle cx="8" cy="8" r="2.2"/>',
  fail: '<path d="M8 1.2 15.4 14.4H.6z"/><path class="ink" d="M8 6v3.6M8 11.9v.2"/>',
  turn: '<path class="line" d="M13.6 6.2A6 6 0 1 0 14 9"/><path d="M15.6 2.6v5h-5z"/>',
  wait: '<path d="M2.5 1h11v2.2L9.7 8l3.8 4.8V15h-11v-2.2L6.3 8 2.5 3.2z"/>',
  stop: '<path d="M5 .9h6L15.1 5v6L11 15.1H5L.9 11V5z"/><path class="ink" d="M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2"/>',
  trial:
    '<path d="M5 .9h6L15.1 5v6L11 15.1H5L.9 11V5z"/><path class="ink" d="M6 4.8l5 3.2-5 3.2z"/>',
  part: '<path d="M8 .6 15.4 8 8 15.4.6 8z"/><path class="ink" d="M8 4.6v4M8 11.1v.2"/>',
  pause:
    '<rect x="2.5" y="1.5" width="4" height="13" rx="1"/><rect x="9.5" y="1.5" width="4" height="13" rx="1"/>',
  ask: '<circle class="line dash" cx="8" cy="8" r="6.4"/><path class="mark" d="M5.9 6.3c0-3 4.3-2.8 4.3-.2 0 1.7-2.2 1.7-2.2 3.4M8 11.8v.2"/>',
};

/** All shapes and the hatching, once in a page; pictures refer to them. */
export const SPRITE = new Html(
  `<svg class="sprite" width="0" height="0" aria-hidden="true" focusable="false"><defs>${Object.entries(
    SHAPES,
  )
    .map(([name, paths]) => `<symbol id="s-${name}" viewBox="0 0 16 16">${paths}</symbol>`)
    .join(
      '',
    )}<pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse"><rect width="4" height="4" class="hatch-ground"/><path d="M-1 1 1-1M0 4 4 0M3 5 5 3" class="hatch-line"/></pattern></defs></svg>`,
);

/** A shape without words; for those who do not see it, the word beside it is enough. */
export function shapeOf(shape: Shape, tone: Face['tone']): Html {
  return html`<svg class="shape ${tone}" width="16" height="16" aria-hidden="true">
    <use href="#s-${shape}" />
  </svg>`;
}

/** A state as shape and word. */
export function badgeOf({ word, shape, tone }: Face, more?: HtmlValue): Html {
  return html`<span class="state ${tone}"
    >${shapeOf(shape, tone)}<span class="word">${word}</span>${more}</span
  >`;
}
