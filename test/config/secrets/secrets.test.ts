import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { maskSecrets, Secrets } from '../../../src/config/secrets/secrets.ts';
import { readBlock, type TargetConfig } from '../../../src/config/target-config.ts';
import { hideArguments, hideLogins } from '../../../src/config/secrets/word-secrets.ts';
import { shownTarget } from '../../../src/report/status.ts';

const env = {
  PORT: 3000,
  TOKEN: 't0ken/ä b&c',
  WHERE: 'http://127.0.0.1:3000/in?key=s3cr3t',
  BASE: 'http://127.0.0.1:3000',
  CHECK: '/opt/check',
  pm_cwd: '/srv',
};

function configOf(block: unknown, more: object = {}): TargetConfig {
  const read = readBlock(block, { ...env, ...more });
  return read.ok ? read.config : assert.fail(JSON.stringify(read.problems));
}

describe('the shown target of a probe', () => {
  const shown = (block: unknown): string => shownTarget(configOf(block));

  it('has host and port as they are, and other variables by their names', () => {
    assert.equal(shown({ tcp: 'localhost:${PORT}' }), 'localhost:3000');
    assert.equal(shown({ http: 'http://localhost:${PORT}' }), 'http://localhost:3000/');
    assert.equal(shown({ http: '${BASE}/health' }), 'http://127.0.0.1:3000/health');
    assert.equal(
      shown({ http: 'http://localhost:${PORT}/a/${TOKEN}/b?k=${TOKEN}' }),
      'http://localhost:3000/a/${TOKEN}/b?k=${TOKEN}',
    );
    assert.equal(shown({ http: '${WHERE}' }), 'http://127.0.0.1:3000/…?…');
    assert.equal(shown({ websocket: { url: 'ws://h:1/${TOKEN}' } }), 'ws://h:1/${TOKEN}');
  });

  it('has no query that somebody wrote', () => {
    assert.equal(shown({ http: 'http://h/a?token=abc' }), 'http://h/a?…');
    assert.equal(
      shown({ http: 'http://h/?a=1&t=${TOKEN}&b=x${TOKEN}&c' }),
      'http://h/?…&t=${TOKEN}&…',
    );
    assert.equal(shown({ http: 'http://h/?dG9rZW4=${PORT}=' }), 'http://h/?…');
  });

  it('has of a command its program alone', () => {
    assert.equal(shown({ exec: 'psql -h db --password abc' }), 'psql');
    assert.equal(shown({ exec: '${CHECK} ${TOKEN}' }), '${CHECK}');
    assert.equal(shown({ exec: ['mysqladmin --password=abc ping'] }), 'mysqladmin…');
  });
});

describe('a text of others', () => {
  const mask = (block: unknown, text: string, more: object = {}): string =>
    maskSecrets(text, configOf(block, more).secrets);

  it('has names in place of values, in each form in which they come back', () => {
    const block = { http: 'http://127.0.0.1/?t=${TOKEN}' };
    for (const form of [
      env.TOKEN,
      encodeURIComponent(env.TOKEN),
      encodeURIComponent(env.TOKEN).toLowerCase(),
      new URLSearchParams({ t: env.TOKEN }).toString().slice(2),
      new URL(`http://a/?t=${env.TOKEN.replace('&', '%26')}`).search.slice(3),
      encodeURIComponent(encodeURIComponent(env.TOKEN)),
      JSON.stringify(env.TOKEN).slice(1, -1),
      env.TOKEN.replace('&', '&amp;'),
      Buffer.from(env.TOKEN).toString('base64'),
      Buffer.from(env.TOKEN).toString('latin1'),
    ]) {
      const told = mask(block, `went to /login?next=${form} at last`);
      assert.match(told, /^went to \/login\?next=(?:\$\{TOKEN\}|…)=? at last$/, form);
    }
  });

  it('has no secret that was cut', () => {
    const block = { http: { url: 'http://a/', headers: { 'x-key': 'abcdefgh1234567890' } } };
    assert.equal(mask(block, 'bad key abcdefgh1…'), 'bad key …');
    assert.equal(mask(block, 'bad key abcdefgh12'), 'bad key …');
    assert.equal(mask(block, 'h1234567890 is bad'), '… is bad');
    assert.equal(mask(block, 'h12345678'), 'h12345678');
  });

  it('has none of what a block itself says', () => {
    const block = {
      websocket: {
        url: 'ws://a/?k=K3Y1',
        headers: { authorization: 'Basic dXNlcjpwYTU1', cookie: 'a=b; sid=5e55ion' },
        send: '{"auth":{"token":"s3nt"}}',
        expect: 'we1come',
        protocol: 'bearer.token.Abcd1234',
      },
    };
    const text = 'K3Y1 dXNlcjpwYTU1 user:pa55 pa55 5e55ion s3nt "we1come" bearer.token.Abcd1234';
    assert.doesNotMatch(mask(block, text), /K3Y1|pa55|dXN|5e55|s3nt|we1come|Abcd/);
    const exec = {
      command: ['mysql', '--password=pl4in', '-pgl1ed', '--token', 'word', '-u', 'me:p4ss', 'Op3n'],
      env: { PGPASSWORD: 'small', OTHER: '0ther' },
    };
    assert.doesNotMatch(
      mask({ exec }, "'pl4in' 'gl1ed' 'word' 'me:p4ss' p4ss Op3n small 0ther"),
      /pl4in|gl1ed|word|p4ss|Op3n|small|0ther/,
    );
    const script =
      'PGPASSWORD=a1b2 psql postgres://me:c3d4@db/ || curl -H "X-Token: e5f6" h/?q=g7H8';
    assert.doesNotMatch(
      mask({ exec: ['sh', '-c', script] }, '+ PGPASSWORD=a1b2: c3d4 (e5f6) g7H8'),
      /a1b2|c3d4|e5f6|g7H8/,
    );
  });

  it('has none of the variables that look like one, and keeps the words of a trade', () => {
    const more = {
      DB_PASSWORD: 'small letters',
      stripe_key: 'abcdefgh',
      DSN: 'x',
      REDIS: 'redis://:p4ssw0rd@db:1/',
      CONNECTION: 'Server=db;Password=Qwe_1;',
      MADE: 'a1b2c3d4e5',
      PWD: '/srv/web-1',
      NODE_ENV: 'production',
      VERSION: '20.19.1-rc1',
      args: ['--port', '3000', '--secret', 'w0rd'],
    };
    const told = mask(
      { tcp: 'h:1' },
      'small letters, abcdefgh, p4ssw0rd Qwe_1 a1b2c3d4e5 w0rd',
      more,
    );
    assert.doesNotMatch(told, /small|abcdefgh|p4ss|Qwe|a1b2|w0rd/);
    assert.match(told, /^\$\{DB_PASSWORD\}, \$\{stripe_key\}, \$\{REDIS\}/);
    const plain = 'production: no /srv/web-1/check.js of 20.19.1-rc1 at 127.0.0.1:3000 x';
    assert.equal(mask({ exec: 'node check.js 3000 x' }, plain, more), plain);
  });

  it('that is short stays, and short secrets within other words', () => {
    const block = { exec: 'check ${A} ${B}' };
    assert.equal(
      mask(block, 'answered 200, or abc: xabc', { A: '200', B: 'abc' }),
      'answered 200, or ${B}: xabc',
    );
  });

  it('is masked in time in proportion to it', () => {
    const secrets = new Secrets([{ value: 'a'.repeat(64 * 1024), shown: '…' }]);
    const beganAt = performance.now();
    for (const text of ['a'.repeat(60_000), 'ab'.repeat(500_000), 'auth '.repeat(100_000)]) {
      secrets.mask(text);
      hideLogins(text);
      maskSecrets(text, configOf({ exec: ['sh', text] }, { TOKEN_A: text }).secrets);
    }
    assert.ok(performance.now() - beganAt < 20_000);
  });

  it('never has a secret, at any place and any number of times', () => {
    const value = fc.string({ minLength: 6, maxLength: 40, unit: 'grapheme' });
    fc.assert(
      fc.property(value, fc.array(fc.string(), { maxLength: 5 }), (secret, texts) => {
        const told = new Secrets([{ value: secret, shown: '…' }]).mask(texts.join(secret));
        assert.ok(!told.includes(secret) || '…'.includes(secret));
      }),
    );
  });
});

describe('the secrets of an app', () => {
  it('are written by nothing that writes settings', () => {
    const config = configOf({ http: 'http://a/?t=${TOKEN}' });
    for (const text of [JSON.stringify(config.secrets), inspect(config.secrets)]) {
      assert.ok(!text.includes(env.TOKEN), text);
    }
  });

  it('are none of a plain app', () => {
    const read = readBlock({ tcp: 'localhost:3000' }, { PATH: '/bin', HOME: '/root' });
    assert.ok(read.ok && !('secrets' in read.config) && !('shown' in read.config));
  });

  it('leave strangers their command line, except logins', () => {
    const line = 'python3 -m http.server 8080 --password abc --token=x1y2 http://me:pw12@db/';
    assert.equal(
      hideLogins(line),
      'python3 -m http.server 8080 --password … --token=… http://…@db/',
    );
  });

  it('hide what may be one in the command of an app’s own child', () => {
    for (const [line, secret] of [
      ['curl -s -u admin:Hunter22 https://api.example.com/x', 'Hunter22'],
      ['sshpass -p S3cr3tPw ssh deploy@host', 'S3cr3tPw'],
      ['mysqldump -uroot -pS3cr3tPw shop', 'S3cr3tPw'],
      ['redis-cli -h cache -a S3cr3tPw BGSAVE', 'S3cr3tPw'],
      ['psql --password S3cr3tPw shop', 'S3cr3tPw'],
    ] as const) {
      const told = hideArguments(line);
      assert.ok(!told.includes(secret), told);
      assert.ok(told.startsWith(line.slice(0, line.indexOf(' '))), told);
    }
    assert.equal(hideArguments('sh -c sleep 600'), 'sh -c sleep 600');
    assert.equal(hideArguments('node /srv/web/build.js --watch'), 'node /srv/web/build.js --watch');
  });
});
