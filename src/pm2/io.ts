import pmio from '@pm2/io';
import { messageOf } from '../errors.ts';

/** Gives a metric's present value; short, because `pm2 monit` has about 22 columns for name and value. */
export type MetricValue = () => string | number;

/** An action of `pm2 trigger`: gets the parameter as text, returns plain data for JSON. */
type ActionHandler = (parameter: string | undefined) => unknown;

/** Our metrics and actions in PM2, over @pm2/io. An error of a handler never leaves this module. */
export interface Io {
  metric(name: string, value: MetricValue): void;
  action(name: string, handler: ActionHandler): void;
}

/** Turns PM2's own metrics off, so that only ours are shown, and returns what adds ours. */
export function createIo(): Io {
  const off = { v8: false, eventLoop: false, http: false, runtime: false, network: false };
  pmio.init({ catchExceptions: true, profiling: false, metrics: off });
  return {
    metric(name, value) {
      // A throwing `value` would crash-loop the process (FACTS, "@pm2/io"). PM2 shows texts and numbers; the
      // declaration has only numbers.
      const read = (() => guarded(value)) as () => number;
      pmio.metric({ name: safeName(name), value: read });
      announce(safeName(name), guarded(value));
    },
    action(name, handler) {
      // @pm2/io passes the parameter only to a handler that is declared with two arguments.
      pmio.action(name, (parameter: unknown, reply: (answer: unknown) => void) => {
        void answer(handler, parameter).then(reply);
      });
    },
  };
}

/**
 * Sends a metric in a message of its own, first. PM2 shows metrics in the order in which they first came, but
 * PM2 6 reverses those of one message, and @pm2/io sends all in one.
 */
function announce(name: string, value: string | number): void {
  const data = { [name]: { historic: true, value } };
  // @pm2/io handles a closed channel.
  process.send?.({ type: 'axm:monitor', data }, undefined, undefined, () => undefined);
}

/** A throwing action restarts the process and `pm2 trigger` never returns (FACTS, "@pm2/io"). */
async function answer(handler: ActionHandler, parameter: unknown): Promise<unknown> {
  try {
    const text = typeof parameter === 'string' && parameter !== '' ? parameter : undefined;
    return (await handler(text)) ?? null;
  } catch (error) {
    return { error: messageOf(error) };
  }
}

function guarded(value: MetricValue): string | number {
  try {
    const given = value();
    // NaN would keep the last value on the screen (FACTS, "@pm2/io").
    return typeof given === 'number' && Number.isNaN(given) ? '?' : given;
  } catch {
    return '?';
  }
}

/**
 * The terminal UI takes braces in a name as tags (FACTS, "@pm2/io"), and PM2 keeps metrics as properties of
 * an object, where this one name would not work.
 */
function safeName(name: string): string {
  const safe = name.replace(/[{}]/g, '');
  return safe === '__proto__' ? `app ${safe}` : safe;
}
