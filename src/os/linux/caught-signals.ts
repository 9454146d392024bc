import { readFile } from 'node:fs/promises';

/**
 * True where a process has a handler for the signal with this number; false where it has none, and where that is not
 * known, as without /proc. Never rejects.
 */
export async function catchesSignal(
  pid: number,
  signal: number,
  procRoot = '/proc',
): Promise<boolean> {
  try {
    const text = await readFile(`${procRoot}/${pid}/status`, 'latin1');
    const mask = /^SigCgt:\s*([0-9a-f]{1,16})$/m.exec(text)?.[1];
    return mask !== undefined && ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n;
  } catch {
    return false;
  }
}
