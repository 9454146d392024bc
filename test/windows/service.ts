import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import { BACK, type Player } from './player.ts';
import { CLI, PM2 } from './project.ts';
import type { Check } from './scenario.ts';

const NSSM = 'tools dir';
const KEY = String.raw`HKLM\SYSTEM\CurrentControlSet\Services\pm2`;

/** PM2 as a service by the real NSSM: installed by our command, rebooted, and taken out again. */
export class ServiceScenario {
  readonly #player: Player;
  readonly #check: Check;

  constructor(player: Player, check: Check) {
    this.#player = player;
    this.#check = check;
  }

  async play(): Promise<void> {
    await this.#check('service install by NSSM, started at once', () => this.#install());
    await this.#check('service status and doctor know it', () => this.#isKnown());
    await this.#check('a reboot, with nobody logged in', () => this.#reboots());
    await this.#check('hang after the reboot: back, restarts of ours: 1', () =>
      this.#player.survives('hang', 1),
    );
    await this.#check('service uninstall leaves no trace', () => this.#uninstall());
  }

  async #install(): Promise<string> {
    await this.#player.machine.installNssm(NSSM);
    await this.#player.must(PM2, 'save');
    const before = await this.#player.page();
    const nssm = `C:\\${NSSM}\\nssm.exe`;
    const refused = await this.#player.run(CLI, 'service', 'install', '--nssm', nssm);
    assert.equal(refused.exitCode, 1, refused.text);
    assert.match(refused.text, /Nothing is changed: there is no terminal to ask on/);
    const began = performance.now();
    const said = await this.#player.must(
      CLI,
      'service',
      'install',
      '--nssm',
      nssm,
      '--now',
      '--yes',
    );
    assert.match(said, /"C:\\tools dir\\nssm\.exe" install pm2 /);
    assert.match(said, /The service runs as LocalSystem/);
    await until(
      'another process answers',
      async () => ![null, before].includes(await this.#player.page()),
      BACK,
    );
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    await this.#player.untilHealthy();
    return `the page is back after ${seconds} s`;
  }

  async #isKnown(): Promise<void> {
    const said = await this.#player.must(CLI, 'service', 'status');
    assert.match(said, /PM2 starts at boot, by the service pm2/);
    assert.match(said, /the service pm2 runs/);
    const doctor = await this.#player.must(CLI, 'doctor');
    assert.match(doctor, /ok +boot +PM2 is started at boot \(the service pm2\)/);
  }

  async #reboots(): Promise<string> {
    const { machine } = this.#player;
    machine.powerOff();
    assert.equal(await this.#player.page(), null);
    const began = performance.now();
    await machine.boot();
    await until('the page answers', async () => (await this.#player.page()) !== null, BACK);
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    await this.#player.untilHealthy();
    return `200 after ${seconds} s`;
  }

  async #uninstall(): Promise<void> {
    const { machine } = this.#player;
    const said = await this.#player.must(CLI, 'service', 'uninstall', '--yes');
    assert.match(said, /sc\.exe delete pm2/);
    const { text } = await machine.program('reg', 'query', KEY);
    assert.match(text, /Unable to find/);
    const status = await this.#player.run(CLI, 'service', 'status');
    assert.equal(status.exitCode, 1, status.text);
    assert.match(status.text, /nothing starts PM2: no service and no task[^]*PM2 does not run/);
    const left = (await readdir(join(machine.drive, 'pm2 home'))).filter((name) =>
      name.startsWith('pm2-service'),
    );
    assert.deepEqual(left, []);
    const again = await this.#player.must(CLI, 'service', 'uninstall', '--yes');
    assert.match(again, /Nothing to remove/);
  }
}
