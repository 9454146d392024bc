import type { IncomingMessage } from 'node:http';
import { LivenessError, messageOf } from '../errors.ts';

/** The JSON body of a request; undefined for an empty one. Throws ERR_USAGE for anything else. */
export async function readJson(request: IncomingMessage, mostBytes: number): Promise<unknown> {
  const text = await readText(request, mostBytes);
  if (text.trim() === '') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    throw new LivenessError('ERR_USAGE', `the body is not valid JSON: ${messageOf(error)}`);
  }
}

/** Reads by events: to leave an async iteration early would also cut off our answer. */
function readText(request: IncomingMessage, mostBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= mostBytes) return void chunks.push(chunk);
      // The rest is dropped, until the connection's limits close it.
      chunks.length = 0;
      reject(new LivenessError('ERR_USAGE', `the body is longer than ${mostBytes} bytes`));
    });
    request.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.once('error', reject);
    request.once('close', () =>
      reject(
        new LivenessError('ERR_USAGE', 'the connection closed before the whole body was received'),
      ),
    );
  });
}
