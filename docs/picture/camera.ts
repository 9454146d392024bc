import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../test/support/until.ts';
import { runsOf } from './ansi.ts';
import type { Film, Frame } from './film.ts';
import type { Screen, Terminal } from './screen.ts';

/** Between two looks; a change that is gone before the second one is none: the screen was being drawn. */
const LOOK_MS = 40;

/** Looks at two terminals, one above the other, with the time of day on the line between them. */
export class Camera {
  readonly #above: Terminal;
  readonly #below: Terminal;
  readonly #columns: number;

  constructor(above: Terminal, below: Terminal, columns: number) {
    this.#above = above;
    this.#below = below;
    this.#columns = columns;
  }

  /** Waits until something is on the screen. */
  async sees(what: RegExp): Promise<void> {
    const look = async (): Promise<boolean> =>
      what.test((await this.#look()).map(textOf).join('\n'));
    await until(`the screen shows ${what}`, look, { withinMs: 60_000 });
  }

  /** Films for as long as something is played. */
  async films(play: () => Promise<void>): Promise<Film> {
    const began = performance.now();
    const ending = new AbortController();
    const frames: Frame[] = [];
    const filming = this.#film(frames, began, ending.signal);
    await play().finally(() => ending.abort());
    await filming;
    return { frames, lengthMs: Math.round(performance.now() - began) };
  }

  async #film(frames: Frame[], began: number, signal: AbortSignal): Promise<void> {
    let before: Frame | null = null;
    while (!signal.aborted) {
      const atMs = frames.length === 0 ? 0 : Math.round(performance.now() - began);
      const screen = await this.#look();
      const isSettled = before !== null && isSame(before.screen, screen);
      if (before !== null && isSettled && !isSame(frames.at(-1)?.screen ?? [], screen)) {
        frames.push(before);
      }
      if (!isSettled) before = { atMs, screen };
      await sleep(LOOK_MS);
    }
  }

  async #look(): Promise<Screen> {
    const [above, below] = await Promise.all([this.#above.look(), this.#below.look()]);
    const time = new Date().toTimeString().slice(0, 8);
    const line = `${'─'.repeat(this.#columns - time.length - 3)} ${time} ─`;
    return [...above, `\u001B[2m${line}\u001B[0m`, ...below];
  }
}

function textOf(line: string): string {
  return runsOf(line)
    .map(({ text }) => text)
    .join('');
}

function isSame(one: Screen, other: Screen): boolean {
  return one.length === other.length && one.every((line, at) => line === other[at]);
}
