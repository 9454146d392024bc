import pmio from '@pm2/io';
import { messageOf } from '../errors.ts';

/** A metric's present value; short, because `pm2 monit` has about 22 columns for name and value. */
export type MetricValue = () => string | number;

/** An action of `pm2 trigger`: gets the parameter as text, gives plain data for JSON. */
type ActionHandler = (parameter: string | undefined) => unknown;

/** What we report to PM2 over @pm2/io. Nothing that a handler throws ever leaves this module. */
export interface Io {
  metric(name: string, value: MetricValue): void;
  action(name: string, handler: ActionHandler): void;
}

/** Switches PM2's own metrics off, so that only ours show, and gives the way to add ours. */
export function createIo(): Io {
  const off = { v8: false, eventLoop: false, http: false, runtime: false, network: false };
  pmio.init({ catchExceptions: true, profiling: false, metrics: off });
  return {
    metric(name, value) {
      // A throwing `value` would crash-loop the process (FACTS, "@pm2/io").
      // PM2 shows text as well as numbers; the declaration knows numbers only.
      const read = (() => guarded(value)) as () => number;
      pmio.metric({ name: safeName(name), value: read });
      announce(safeName(name), guarded(value));
    },
    action(name, handler) {
      // The handler's arity decides how @pm2/io calls it: two arguments mean it wants the parameter.
      pmio.action(name, (parameter: unknown, reply: (answer: unknown) => void) => {
        void answer(handler, parameter).then(reply);
      });
    },
  };
}

/**
 * PM2 shows metrics in the order in which it first heard of them, but PM2 6 turns those of one
 * message round, and @pm2/io sends all in one. So each is sent by itself before that.
 */
function announce(name: string, value: string | number): void {
  const data = { [name]: { historic: true, value } };
  // A channel that is closed is @pm2/io's to find.
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
 * Braces in a name are eaten by the terminal UI's tags (FACTS, "@pm2/io"), and PM2 keeps metrics as properties of
 * an object, where this one name is no property.
 */
function safeName(name: string): string {
  const safe = name.replace(/[{}]/g, '');
  return safe === '__proto__' ? `app ${safe}` : safe;
}
