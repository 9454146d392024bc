import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A child that is up; `said` are the numbers that it printed first. */
interface Child {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly said: readonly number[];
}

/** Children of a test, all of which are gone when `endAll` resolves. */
export class Children {
  readonly #children: ChildProcess[] = [];
  readonly #others: number[] = [];

  /** Starts a Node program given as text; resolves when it has printed a list of numbers. */
  async node(source: string, options: SpawnOptions = {}): Promise<Child> {
    return this.start(process.execPath, ['-e', source], options);
  }

  async start(file: string, args: readonly string[], options: SpawnOptions = {}): Promise<Child> {
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#children.push(child);
    await once(child, 'spawn');
    if (child.stdout === null || child.pid === undefined) throw new Error('no child');
    const [line] = await once(createInterface(child.stdout), 'line');
    return { child, pid: child.pid, said: JSON.parse(String(line)) as number[] }; // our own programs print nothing else
  }

  /** A process that one of ours started, to be ended with the rest. */
  adopt(pid: number): void {
    this.#others.push(pid);
  }

  async endAll(): Promise<void> {
    for (const pid of this.#others) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // gone already
      }
    }
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const exit = once(child, 'exit');
        child.kill('SIGKILL');
        await exit;
      }),
    );
  }
}

/** Prints a value and runs on. */
export const IDLE = `console.log('[]'); setInterval(() => {}, 1e6);`;

/** Listens on one host and says its port. */
export function listenOn(host: string, extra = ''): string {
  return `require('net').createServer().listen({ port: 0, host: ${JSON.stringify(host)}, ${extra} }, function () {
    console.log(JSON.stringify([this.address().port])); });`;
}
