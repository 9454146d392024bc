import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { until } from './until.ts';

/** One value of an answer of Prometheus, with its time. */
export interface Sampled {
  readonly value: [number, string];
}

/** Debian's Prometheus and Alertmanager with the files of one folder, and other programs beside them. */
export class AlertingPrograms {
  readonly #folder: string;
  readonly #running: ChildProcess[] = [];
  #prometheus = '';

  constructor(folder: string) {
    this.#folder = folder;
  }

  start(program: string, ...words: readonly string[]): void {
    this.#running.push(spawn(program, words, { stdio: 'ignore', cwd: this.#folder }));
  }

  /** With `alertmanager.yml`; ends when it is ready. */
  async startAlertmanager(port: number): Promise<void> {
    this.start(
      'prometheus-alertmanager',
      '--config.file=alertmanager.yml',
      `--storage.path=${join(this.#folder, 'am')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    );
    await isReady('Alertmanager', port);
  }

  /** With `prometheus.yml`; ends when it is ready. */
  async startPrometheus(port: number): Promise<void> {
    this.start(
      'prometheus',
      '--config.file=prometheus.yml',
      `--storage.tsdb.path=${join(this.#folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    );
    this.#prometheus = `http://127.0.0.1:${port}`;
    await isReady('Prometheus', port);
  }

  /** The values of a query now. Throws for one that Prometheus refuses. */
  async ask(query: string): Promise<readonly Sampled[]> {
    const parameters = new URLSearchParams({ query }).toString();
    const response = await fetch(`${this.#prometheus}/api/v1/query?${parameters}`);
    const answer = (await response.json()) as {
      status: string;
      error?: string;
      data?: { result: Sampled[] };
    };
    assert.equal(answer.status, 'success', `${query}: ${answer.error}`);
    return answer.data?.result ?? [];
  }

  stop(): void {
    for (const program of this.#running) program.kill('SIGKILL');
  }
}

async function isReady(name: string, port: number): Promise<void> {
  const answers = async (): Promise<boolean> => {
    const answer = await fetch(`http://127.0.0.1:${port}/-/ready`).catch(() => null);
    return answer?.ok === true;
  };
  await until(`${name} is ready`, answers, { withinMs: 60_000 });
}
