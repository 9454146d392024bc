import { readdir, readFile } from 'node:fs/promises';

/** A file of ours for the browser. */
export interface Asset {
  readonly type: string;
  readonly body: Buffer;
}

const STYLES = new URL('./asset/', import.meta.url);
const SCRIPTS = new URL('./client/', import.meta.url);

/**
 * Reads all style, script and pictures of the pages: few and small, so that they stay in memory. Only the names in
 * the answer can be asked for, so that no path leads elsewhere. Rejects where the package is not whole.
 */
export async function readAssets(): Promise<ReadonlyMap<string, Asset>> {
  const assets = new Map<string, Asset>();
  const styles = (await readdir(STYLES)).filter((name) => name.endsWith('.css')).sort();
  const texts = await Promise.all(styles.map((name) => readFile(new URL(name, STYLES), 'utf8')));
  assets.set('page.css', { type: 'text/css; charset=utf-8', body: Buffer.from(texts.join('\n')) });
  assets.set('icon.svg', {
    type: 'image/svg+xml',
    body: await readFile(new URL('icon.svg', STYLES)),
  });
  for (const name of (await readdir(SCRIPTS)).filter((name) => name.endsWith('.js'))) {
    const body = await readFile(new URL(name, SCRIPTS));
    assets.set(name, { type: 'text/javascript; charset=utf-8', body });
  }
  return assets;
}
