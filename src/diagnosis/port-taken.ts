/** No more of one message is read. */
const MOST_CHARACTERS = 16_384;

/** Longer lines are cut. */
const MOST_LINE = 1_000;

/**
 * What Node, Python, Go, Rust, Java, nginx, Windows and the dev servers write when a port is taken. Not
 * `server already running on port 80`: a script that starts its server only when needed writes that too.
 */
const TAKEN =
  /EADDRINUSE|address (?:is )?already in use|(?:something|another \w+) is already (?:running|listening) on port|port \d{1,5} (?:is|was) (?:already )?(?:in use|used|taken|occupied|allocated)|only one usage of each socket address/i;

/**
 * A port in such a line: `port 5173`, `127.0.0.1:80`, `:::3000`, ` :8080`. Not a time, not a line number
 * of a file.
 */
const PORTS =
  /(?:\bport[ =:]{1,3}|\d\.\d{1,3}\.\d{1,3}:|::\d?:?|\]:|localhost:|\*:|\s:)(\d{2,5})\b/gi;

/**
 * The ports that an app reports as taken, empty where it names none; null where it reports nothing of the
 * kind. Standard output (`isError` false) is mostly about the app's visitors, so there it must name the
 * port. Takes linear time.
 */
export function portsTakenIn(text: string, isError: boolean): readonly number[] | null {
  const head = text.slice(0, MOST_CHARACTERS);
  // Most messages have nothing of it, so their lines are not split.
  if (!TAKEN.test(head)) return null;
  for (const line of head.split('\n')) {
    const start = line.slice(0, MOST_LINE);
    if (!TAKEN.test(start)) continue;
    const ports = [...start.matchAll(PORTS)].map(([, digits]) => Number(digits));
    if (ports.length > 0 || isError) return ports;
  }
  return null;
}
