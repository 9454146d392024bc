import assert from 'node:assert/strict';
import type { Container } from './container.ts';
import type { Inhabitant } from './inhabitant.ts';
import { PROJECT } from './project.ts';
import type { Check } from './check.ts';

const SERVICE = `node ${PROJECT}/dist/cli/main.js service`;
const UNIT = '/etc/systemd/system/pm2-ann.service';

/** The users of the machine. Both have a PM2 that starts at boot, and a page. */
interface ServiceDeps {
  readonly root: Inhabitant;
  readonly ann: Inhabitant;
  /** Boots, waits for a page with nobody logged in, and says after how long it answered. */
  readonly comesBack: (who: Inhabitant) => Promise<string>;
}

/** `service` on systemd, by ann, who is not root. */
export class ServiceScenario {
  readonly #container: Container;
  readonly #deps: ServiceDeps;
  readonly #check: Check;
  /** What /etc has without any service of ann. */
  #bare = '';

  constructor(container: Container, deps: ServiceDeps, check: Check) {
    this.#container = container;
    this.#deps = deps;
    this.#check = check;
  }

  async play(): Promise<void> {
    const { root, ann, comesBack } = this.#deps;
    const check = this.#check;
    await check('service uninstall takes out the unit of pm2 startup, and stops nothing', () =>
      this.#uninstalls(),
    );
    this.#bare = await this.#etc();
    assert.doesNotMatch(this.#bare, /pm2-ann/);
    await this.#container.cut();
    await check('and at the next boot only the other user is back', async () => {
      const text = await comesBack(root);
      const { exitCode } = await this.#container.exec(['pgrep', '-u', 'ann']);
      assert.equal(exitCode, 1, 'no process of ann runs');
      return text;
    });
    await ann.types('npx pm2 resurrect');
    await check('service install shows its lines, and does nothing without a yes', () =>
      this.#asks(),
    );
    await check('service install sets it up, and status knows it', () => this.#installs());
    await this.#container.cut();
    await check('the page comes back after a power cut', () => comesBack(ann));
    await check('service uninstall leaves no trace', async () => {
      await this.#uninstalls();
      assert.equal(await this.#etc(), this.#bare);
      assert.match(await ann.types(`${SERVICE} uninstall --yes`), /Nothing to remove/);
    });
  }

  async #asks(): Promise<void> {
    const said = await this.#deps.ann.types(`${SERVICE} install 2>&1; echo "ended with $?"`);
    assert.match(said, /sudo env .* startup systemd -u ann --hp \/home\/ann/);
    assert.match(said, /Nothing is changed: there is no terminal to ask on[^]*ended with 1/);
    assert.equal(await this.#etc(), this.#bare);
  }

  async #installs(): Promise<void> {
    const { ann } = this.#deps;
    await ann.types(`${SERVICE} install --yes`);
    assert.match(await ann.types(`${SERVICE} install --yes`), /Nothing to do/);
    const said = await ann.types(`${SERVICE} status`);
    assert.match(said, /PM2 starts at boot, by \/etc\/systemd\/system\/pm2-ann\.service/);
    assert.match(said, /PM2 runs[^]*its saved list has the apps of now/);
  }

  async #uninstalls(): Promise<void> {
    const { ann } = this.#deps;
    const { pid } = await ann.healthy();
    const said = await ann.types(`${SERVICE} uninstall --yes`);
    assert.match(said, /sudo systemctl disable pm2-ann\.service/);
    const { exitCode } = await this.#container.exec(['systemctl', 'cat', 'pm2-ann.service']);
    assert.notEqual(exitCode, 0, `${UNIT} is gone, also for systemd`);
    assert.equal((await ann.healthy()).pid, pid);
    const status = await ann.types(`${SERVICE} status; echo "ended with $?"`);
    assert.match(status, /nothing starts PM2: no enabled systemd unit[^]*PM2 runs[^]*ended with 1/);
  }

  /** Every file and link of /etc, by name. */
  async #etc(): Promise<string> {
    const names = await this.#container.must(['find', '/etc', '-printf', '%p %y %l\\n']);
    return names.split('\n').toSorted().join('\n');
  }
}
