import { mustBeOurs } from '../leader/private-dir.ts';
import { systemFiles, type Files } from './files.ts';
import { journalPath, readJournal } from './journal-files.ts';
import { parseJournalLine, type JournalLine } from './journal-line.ts';

/** This much of the journal is read, from its end. */
const MOST_CHARS = 1024 * 1024;

/** Lines that are parsed in one turn of the event loop. */
const LINES_A_TURN = 100;

/** What tells one state of the journal from the next; cheap. Rejects where there is no journal of ours. */
export async function journalMark(dir: string, files: Files = systemFiles): Promise<string> {
  const { size, mtimeMs, ino } = await files.lstat(journalPath(dir, 0));
  return `${ino} ${size} ${mtimeMs}`;
}

/** The end of the journal, with the end of the file before it. Rejects where there is none of ours. */
export async function readNewestText(dir: string, files: Files = systemFiles): Promise<string> {
  await mustBeOurs(dir, files);
  const newest = await readJournal(journalPath(dir, 0), files);
  const room = MOST_CHARS - newest.length;
  const older = room > 0 ? await readJournal(journalPath(dir, 1), files).catch(() => '') : '';
  return `${older.slice(-Math.max(1, room))}\n${newest.slice(-MOST_CHARS)}`;
}

/** The lines in a text of the journal that are ours, without holding up the probes. */
export async function parseInTurns(text: string): Promise<readonly JournalLine[]> {
  const lines: JournalLine[] = [];
  for (const [nth, line] of text.split('\n').entries()) {
    if (nth % LINES_A_TURN === LINES_A_TURN - 1) await new Promise(setImmediate);
    const parsed = parseJournalLine(line);
    if (parsed !== null) lines.push(parsed);
  }
  return lines;
}
