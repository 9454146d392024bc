import { createHash } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { basename, dirname } from 'node:path';
import { execa } from 'execa';
import type { Installed, Stock } from './installed-packages.ts';

/**
 * A package registry on loopback with only what is needed at run time, made from node_modules: a request for
 * another package gets a 404, and the name is noted.
 */
export class OfflineRegistry {
  readonly #server: Server;
  readonly #stock: Stock;
  readonly #tarballs = new Map<Installed, Promise<Buffer>>();
  readonly #asked = new Set<string>();
  readonly #refused = new Set<string>();

  private constructor(stock: Stock) {
    this.#stock = stock;
    this.#server = createServer((request, response) => {
      const asked = `${request.method} ${decodeURIComponent(request.url ?? '')}`;
      this.#answer(asked, response).catch((error: unknown) => {
        this.#refused.add(`${asked}: ${String(error)}`);
        response.writeHead(500).end();
      });
    });
  }

  static async open(stock: Stock): Promise<OfflineRegistry> {
    const registry = new OfflineRegistry(stock);
    await new Promise<void>((resolve) => {
      registry.#server.listen(0, '127.0.0.1', resolve);
    });
    return registry;
  }

  /** Its URL, with a slash at the end. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the registry is closed');
    return `http://127.0.0.1:${address.port}/`;
  }

  /** The packages that were requested and served. */
  get asked(): readonly string[] {
    return [...this.#asked];
  }

  /** Requests for packages that are not needed at run time, and failed requests. */
  get refused(): readonly string[] {
    return [...this.#refused];
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(asked: string, response: ServerResponse): Promise<void> {
    const { packages, absent } = this.#stock;
    const wanted = packages.find((one) => asked === `GET ${tarballPath(one)}`);
    if (wanted) {
      const tarball = await this.#tarball(wanted);
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(tarball);
      return;
    }
    const name = asked.replace(/^GET \//, '');
    const versions = packages.filter(({ manifest }) => manifest.name === name);
    if (versions.length === 0) {
      if (!absent.has(name)) this.#refused.add(asked);
      response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
      return;
    }
    this.#asked.add(name);
    const document = await this.#document(name, versions);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
  }

  /** The document from which npm chooses a version: the package.json of each, and the path of its tarball. */
  async #document(name: string, installed: readonly Installed[]): Promise<unknown> {
    const entries = installed.map(async (one) => {
      const hash = createHash('sha512').update(await this.#tarball(one));
      const integrity = `sha512-${hash.digest('base64')}`;
      const tarball = new URL(encodeURI(tarballPath(one)), this.url).href;
      return [one.manifest.version, { ...one.manifest, dist: { tarball, integrity } }] as const;
    });
    const versions = Object.fromEntries(await Promise.all(entries));
    const latest = Object.keys(versions)
      .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .at(-1);
    return { name, 'dist-tags': { latest }, versions };
  }

  #tarball(one: Installed): Promise<Buffer> {
    const made = this.#tarballs.get(one) ?? packFolder(one.dir);
    this.#tarballs.set(one, made);
    return made;
  }
}

function tarballPath({ manifest: { name, version } }: Installed): string {
  return `/-/${name}-${version}.tgz`;
}

/** The folder as a package's tarball, without the packages that were installed into it. */
async function packFolder(dir: string): Promise<Buffer> {
  const top = basename(dir);
  const { stdout } = await execa(
    'tar',
    ['-czf', '-', '--exclude', `${top}/node_modules`, '-C', dirname(dir), top],
    { encoding: 'buffer' },
  );
  return Buffer.from(stdout);
}
