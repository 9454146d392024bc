import { mustBeOurs } from '../leader/private-dir.ts';
import { systemFiles, type Files } from './files.ts';
import { JOURNAL_AGES, journalPath, readJournal } from './journal-files.ts';
import { parseJournalLine, type JournalLine } from './journal-line.ts';

/** The lines of the journal in a folder, the oldest first, for readers that only look; nothing is moved. */
export async function readJournalLines(
  dir: string,
  files: Files = systemFiles,
): Promise<readonly JournalLine[]> {
  const lines: JournalLine[] = [];
  const isOurs = await mustBeOurs(dir, files).then(
    () => true,
    () => false,
  );
  if (!isOurs) return lines;
  for (const age of JOURNAL_AGES) {
    const text = await readJournal(journalPath(dir, age), files).catch(() => '');
    lines.push(...text.split('\n').flatMap((line) => parseJournalLine(line) ?? []));
  }
  return lines;
}
