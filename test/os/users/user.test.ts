import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { ownHome, ownUid, ownUserName } from '../../../src/os/users/user.ts';

/** A uid that no list of users has. */
const NOBODYS = 2_000_000_011;

/** Run with Node alone, which takes no types away: the same three functions, as text. */
const SCRIPT = `
const { homedir, userInfo } = require('node:os');
process.setuid(${NOBODYS});
const ownUid = ${ownUid.toString()};
const ownUserName = ${ownUserName.toString()};
const ownHome = ${ownHome.toString()};
console.log(JSON.stringify([ownUid(), ownUserName(), ownHome()]));
`;

test('a user has a uid, a name and a home', () => {
  assert.equal(ownUid(), process.getuid?.() ?? null);
  assert.equal(typeof ownHome(), 'string');
});

const isRoot = process.getuid?.() === 0;
test(
  'a uid without an entry in the list of users has neither, and nothing throws',
  {
    skip: isRoot ? false : 'only root can become another user',
  },
  () => {
    const out = execFileSync(process.execPath, ['-e', SCRIPT], { env: {}, encoding: 'utf8' });
    assert.deepEqual(JSON.parse(out), [NOBODYS, null, null]);
  },
);
