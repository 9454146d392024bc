import { dayAndTime, timeOnly, utcDay } from './times.ts';

const DAY_MS = 86_400_000;

/** How far bars are apart in their picture. */
const PITCH = 10;

/** Says of the bar under the pointer, or the finger, what it is: at once, and in local time. */
export function startTips(): void {
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.hidden = true;
  tip.setAttribute('aria-hidden', 'true');
  document.body.append(tip);
  const show = (event: PointerEvent): void => {
    const bar = barOf(event.target);
    const text = bar && tipText(bar);
    tip.hidden = text === null;
    if (bar === null || text === null) return;
    tip.textContent = text;
    const { left, width, top } = bar.getBoundingClientRect();
    const half = tip.offsetWidth / 2;
    const x = Math.min(Math.max(left + width / 2, half + 8), window.innerWidth - half - 8);
    tip.style.left = `${x - half}px`;
    tip.style.top = `${Math.max(4, top - tip.offsetHeight - 8)}px`;
  };
  document.addEventListener('pointerover', show);
  document.addEventListener('pointerdown', show);
  document.addEventListener('scroll', () => void (tip.hidden = true), { passive: true });
}

/** The bar that a pointer is on: a group, or a rectangle of its own. */
function barOf(target: EventTarget | null): SVGElement | null {
  if (!(target instanceof SVGElement)) return null;
  const bar = target.parentElement instanceof SVGGElement ? target.parentElement : target;
  return bar.parentElement?.classList.contains('bars') === true ? bar : null;
}

function tipText(bar: SVGElement): string | null {
  const svg = bar.parentElement;
  const title = bar.querySelector('title');
  // The browser would show its own beside ours.
  if (title !== null) {
    bar.dataset['tip'] = title.textContent.replace(/^.*?(?: UTC)?: /, '');
    title.remove();
  }
  const says = bar.dataset['tip'];
  const rect = bar instanceof SVGRectElement ? bar : bar.querySelector('rect');
  if (svg === null || rect === null || says === undefined) return null;
  const [from, step] = [Number(svg.dataset['from']), Number(svg.dataset['step'])];
  const at = new Date(from + (Number(rect.getAttribute('x')) / PITCH) * step);
  if (step >= DAY_MS) return `${utcDay(at)}: ${says}`;
  return `${dayAndTime(at)} – ${timeOnly(new Date(at.getTime() + step))}: ${says}`;
}
