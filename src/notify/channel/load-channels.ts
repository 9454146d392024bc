import type { NotifySource } from '../../config/load.ts';
import { readSecretFile } from '../../config/secrets/secret-file.ts';
import { messageOf } from '../../errors.ts';
import { withDeadline } from '../../time/deadline.ts';
import { wrong } from './entry.ts';
import { parseChannels, type ParsedChannels } from './parse-channels.ts';

/** The watch over the apps waits for it, so a disk that hangs (a network home) must not hold it up. */
const READ_MS = 5_000;

/** The channels of LIVENESS_NOTIFY, then those of its file. Never rejects. */
export async function loadChannels(
  source: NotifySource,
  readMs: number = READ_MS,
): Promise<ParsedChannels> {
  const { lines, file, linesName, fileName } = source;
  const first = lines === null ? NONE : parseChannels(lines.reveal(), linesName);
  if (file === null) return first;
  try {
    const names = first.channels.map(({ name }) => name);
    const text = await withDeadline(readSecretFile(file, 'one channel a line'), readMs, () =>
      wrong(
        `${file} could not be read within ${readMs / 1_000} s, because its disk does not answer; when it does: pm2 restart pm2-liveness`,
      ),
    );
    const second = parseChannels(text, fileName, names);
    return {
      channels: [...first.channels, ...second.channels],
      problems: [...first.problems, ...second.problems],
    };
  } catch (error) {
    return { ...first, problems: [...first.problems, `${fileName}: ${messageOf(error)}`] };
  }
}

const NONE: ParsedChannels = { channels: [], problems: [] };
