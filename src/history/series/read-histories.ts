import { join } from 'node:path';
import { messageOf } from '../../errors.ts';
import { systemFiles, type Files } from '../../store/files.ts';
import { decodeHistory, type HistoryFile } from './history-file.ts';
import { HISTORY_FOLDER, listHistoryFiles, readHistoryFile } from './history-folder.ts';
import { LONGEST_HISTORY_MS } from './steps.ts';

/** What the files say, by name and instance, and a sentence for each that cannot be read. */
interface Histories {
  readonly files: readonly HistoryFile[];
  readonly problems: readonly string[];
}

/**
 * The histories in our folder, for readers that change nothing and need no monitor; without those that ended
 * more than 90 days before `now` (epoch milliseconds). Never rejects.
 */
export async function readHistories(
  dir: string,
  now: number,
  files: Files = systemFiles,
): Promise<Histories> {
  const found: HistoryFile[] = [];
  const problems: string[] = [];
  for (const name of await listHistoryFiles(dir, files)) {
    const path = join(dir, HISTORY_FOLDER, name);
    try {
      const bytes = await readHistoryFile(path, files);
      if (bytes === null) continue;
      const file = decodeHistory(bytes);
      if (typeof file === 'string') problems.push(`${path} ${file}`);
      else if (now - file.filledTo < LONGEST_HISTORY_MS) found.push(file);
    } catch (error) {
      problems.push(`${path}: ${messageOf(error)}`);
    }
  }
  const sorted = found.toSorted(
    (one, other) => one.name.localeCompare(other.name) || one.instance - other.instance,
  );
  return { files: sorted, problems };
}
