/** More of one message is not read. */
const MOST_CHARACTERS = 16_384;

/** Longer lines are cut. */
const MOST_LINE = 1_000;

/**
 * What Node, Python, Go, Rust, Java, nginx, Windows and the dev servers write when a port is taken. Not
 * `server already running on port 80`: a script that starts its server only when needed writes that too.
 */
const TAKEN =
  /EADDRINUSE|address (?:is )?already in use|(?:something|another \w+) is already (?:running|listening) on port|port \d{1,5} (?:is|was) (?:already )?(?:in use|used|taken|occupied|allocated)|only one usage of each socket address/i;

/** A port as such lines name it: `port 5173`, `127.0.0.1:80`, `:::3000`, ` :8080`; no time and no line of a file. */
const PORTS =
  /(?:\bport[ =:]{1,3}|\d\.\d{1,3}\.\d{1,3}:|::\d?:?|\]:|localhost:|\*:|\s:)(\d{2,5})\b/gi;

/**
 * The ports that an app reports as taken, empty where it names none; null where it does not report
 * any. Its standard output is mostly about its visitors: there it has to name the port. Linear in the
 * text.
 */
export function portsTakenIn(text: string, isError: boolean): readonly number[] | null {
  const head = text.slice(0, MOST_CHARACTERS);
  // Mostly nothing of it is there, and then the lines are not even split.
  if (!TAKEN.test(head)) return null;
  for (const line of head.split('\n')) {
    const start = line.slice(0, MOST_LINE);
    if (!TAKEN.test(start)) continue;
    const ports = [...start.matchAll(PORTS)].map(([, digits]) => Number(digits));
    if (ports.length > 0 || isError) return ports;
  }
  return null;
}
