/** How a run of characters is painted. */
export interface Paint {
  readonly colour: Colour | null;
  readonly isBold: boolean;
  readonly isDim: boolean;
}

/** The colours that the program uses. */
export type Colour = 'red' | 'green' | 'yellow';

/** Characters in a row that are painted alike. */
export interface Run extends Paint {
  readonly text: string;
}

const PLAIN: Paint = { colour: null, isBold: false, isDim: false };

const COLOURS: Readonly<Record<number, Colour>> = { 31: 'red', 32: 'green', 33: 'yellow' };

const SGR = '\u001B[';

/** The painted runs of one line of a terminal, as tmux writes it. Throws on what it does not know. */
export function runsOf(line: string): readonly Run[] {
  const [first = '', ...others] = line.split(SGR);
  const runs: Run[] = [{ ...PLAIN, text: first }];
  let paint = PLAIN;
  for (const part of others) {
    const end = part.indexOf('m');
    const codes = part.slice(0, end);
    if (end < 0 || !/^[\d;]*$/.test(codes)) throw new Error(`an unknown sequence in: ${line}`);
    paint = codes.split(';').map(Number).reduce(painted, paint);
    runs.push({ ...paint, text: part.slice(end + 1) });
  }
  return runs.filter(({ text }) => text !== '');
}

/** The paint after one code of `Select Graphic Rendition` (ECMA-48, 8.3.117). */
function painted(paint: Paint, code: number): Paint {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...paint, isBold: true };
  if (code === 2) return { ...paint, isDim: true };
  if (code === 22) return { ...paint, isBold: false, isDim: false };
  // The background is left as it is by all that we draw.
  if (code === 49) return paint;
  if (code === 39) return { ...paint, colour: null };
  const colour = COLOURS[code];
  if (colour === undefined) throw new Error(`an unknown code of a terminal: ${code}`);
  return { ...paint, colour };
}
