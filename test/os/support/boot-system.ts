import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { BootEvidence } from '../../../src/os/boot/evidence.ts';

const { resolve } = createRequire(import.meta.url);
/** Where PM2's own init scripts lie; what it writes is rendered from these. */
const templates = {
  '7': join(dirname(resolve('pm2/package.json')), 'lib/templates/init-scripts'),
  '6': join(dirname(resolve('pm2-6/package.json')), 'lib/templates/init-scripts'),
} as const;

/** Where PM2's program and Node are said to be, below the root of the system. */
export const PROGRAM = '/srv/app/node_modules/pm2/bin/pm2';
export const NODE_FOLDER = '/opt/node/bin';

/** A file system of its own, planted with what an init system and PM2 would have written. */
export class BootSystem {
  readonly root = mkdtempSync(join(tmpdir(), 'pl-boot-os-'));
  /** The user's home folder, and their PM2_HOME; real paths, not below `root` for the code. */
  readonly home = this.folder('/home/ann');
  readonly pm2Home = this.folder('/home/ann/.pm2');

  constructor() {
    this.program(PROGRAM);
    this.program(`${NODE_FOLDER}/node`);
  }

  facts(more: Partial<BootEvidence> = {}): BootEvidence {
    return {
      platform: 'linux',
      user: 'ann',
      home: this.home,
      isRoot: false,
      pm2Home: this.pm2Home,
      pm2Program: PROGRAM,
      nodeFolder: NODE_FOLDER,
      apps: ['web', 'pm2-liveness'],
      root: this.root,
      ...more,
    };
  }

  folder(path: string): string {
    mkdirSync(join(this.root, path), { recursive: true });
    return join(this.root, path);
  }

  file(path: string, text: string): string {
    this.folder(dirname(path));
    writeFileSync(join(this.root, path), text);
    return join(this.root, path);
  }

  program(path: string): void {
    chmodSync(this.file(path, '#!/bin/sh\n'), 0o755);
  }

  link(path: string, target: string): void {
    this.folder(dirname(path));
    symlinkSync(target, join(this.root, path));
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true });
  }

  /** What `pm2 startup` writes of one of its templates. */
  rendered(
    template: string,
    values: Readonly<Record<string, string>> = {},
    major: keyof typeof templates = '7',
  ): string {
    const all: Record<string, string> = {
      PM2_PATH: PROGRAM,
      NODE_PATH: `${NODE_FOLDER}:/usr/bin`,
      USER: 'ann',
      HOME_PATH: this.pm2Home,
      SERVICE_NAME: 'pm2_ann',
      ...values,
    };
    const text = readFileSync(join(templates[major], `${template}.tpl`), 'utf8');
    return text.replaceAll(/%([A-Z0-9_]+)%/g, (whole, name: string) => all[name] ?? whole);
  }

  /** systemd runs, and PM2 has written and enabled a unit. */
  unit(name = 'pm2-ann.service', values: Readonly<Record<string, string>> = {}): string {
    this.folder('/run/systemd/system');
    const path = `/etc/systemd/system/${name}`;
    this.file(path, this.rendered('systemd', values));
    this.link(`/etc/systemd/system/multi-user.target.wants/${name}`, path);
    return path;
  }

  dump(...names: readonly string[]): void {
    writeFileSync(join(this.pm2Home, 'dump.pm2'), JSON.stringify(names.map((name) => ({ name }))));
  }

  destroy(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
