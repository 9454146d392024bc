import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { NotifySource } from '../../config/load.ts';
import { codeOf, messageOf } from '../../errors.ts';
import { withDeadline } from '../../time/deadline.ts';
import { wrong } from './entry.ts';
import { parseChannels, type ParsedChannels } from './parse-channels.ts';

const MAX_BYTES = 64 * 1024;
/** Opening must not wait, as it would at a pipe without a writer. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

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
    const text = await withDeadline(readNotifyFile(file), readMs, () =>
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

/**
 * The text of a file with secrets. Throws ERR_CONFIG where others can read it, where it belongs to another user, or
 * where it cannot be read. The checks are about the opened file, so a link may lead to it.
 */
export async function readNotifyFile(given: string): Promise<string> {
  const path = given.startsWith('~/') ? join(homedir(), given.slice(2)) : given;
  if (!isAbsolute(path)) throw wrong('got a path that is not full, wanted one that begins with /');
  const handle = await open(path, FLAGS).catch((error: unknown) => {
    throw wrong(`${path} cannot be read (${codeOf(error) ?? messageOf(error)})`);
  });
  try {
    const { mode, uid, size, ...found } = await handle.stat().then((stat) => ({
      mode: stat.mode,
      uid: stat.uid,
      size: stat.size,
      isFile: stat.isFile(),
    }));
    if (!found.isFile)
      throw wrong(`${path} is no file; wanted a text file with one channel a line`);
    const own = process.getuid?.();
    if (own !== undefined && uid !== own) {
      throw wrong(
        `${path} belongs to user ${uid}, and this program runs as user ${own}; nothing of it is read: make it yours (chown)`,
      );
    }
    if (own !== undefined && (mode & 0o077) !== 0) {
      const got = (mode & 0o777).toString(8).padStart(4, '0');
      throw wrong(
        `${path} has mode ${got}, so others can read or write it; nothing of it is read: chmod 600 ${path}`,
      );
    }
    if (size > MAX_BYTES) throw wrong(`${path} has ${size} bytes, wanted at most ${MAX_BYTES}`);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, 0);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await handle.close();
  }
}
