import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseChannels } from '../../../src/notify/channel/parse-channels.ts';
import { canary, plainCanary, sung } from '../../support/canary.ts';

const NAME = 'LIVENESS_NOTIFY';
const SECRET = plainCanary('url');

function problemOf(line: string): string {
  const { channels, problems } = parseChannels(line, NAME);
  assert.deepEqual(channels, []);
  assert.equal(problems.length, 1, line);
  return problems[0] ?? '';
}

describe('channels', () => {
  test('stand one a line, or several with spaces between them', () => {
    const lines = `
      # at night
      slack:https://hooks.slack.com/services/T0/B0/${SECRET}?name=ops&severity=critical
      slack://hooks.slack.com/services/T0/B1/${SECRET} https://me:pw@example.com:8443/hook?secret=x

      exec:/usr/local/bin/tell --to me https://example.com/x?a=1 ntfy:https://ntfy.sh/topic
      telegram://123456:${SECRET.replaceAll('.', '_')}@-100123`;
    const { channels, problems } = parseChannels(lines, NAME);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      channels.map(({ name, shown, minSeverity }) => [name, shown, minSeverity]),
      [
        ['ops', 'slack (hooks.slack.com)', 'critical'],
        ['slack', 'slack (hooks.slack.com)', 'info'],
        ['webhook', 'webhook (example.com:8443)', 'info'],
        ['exec', 'exec (tell)', 'info'],
        ['ntfy', 'ntfy (ntfy.sh)', 'info'],
        ['telegram', 'telegram (api.telegram.org)', 'info'],
      ],
    );
    assert.deepEqual(
      channels.map(({ endpoint }) => endpoint && `${endpoint.host}:${endpoint.port}`),
      [
        'hooks.slack.com:443',
        'hooks.slack.com:443',
        'example.com:8443',
        null,
        'ntfy.sh:443',
        'api.telegram.org:443',
      ],
    );
  });

  test('of a kind without a name are numbered', () => {
    const { channels } = parseChannels('https://a/ https://b/ https://c/?name=webhook-2', NAME);
    assert.deepEqual(
      channels.map(({ name }) => name),
      ['webhook', 'webhook-2'],
    );
  });

  test('without a scheme are https, and http on this machine', () => {
    const { channels } = parseChannels(
      'alertmanager://localhost:9093 alertmanager://am.example.com ntfy://[::1]:80/t',
      NAME,
    );
    assert.deepEqual(
      channels.map(({ endpoint }) => endpoint?.port),
      [9093, 443, 80],
    );
  });
});

describe('a wrong line', () => {
  const slack = `slack:https://hooks.slack.com/services/${SECRET}`;
  for (const [line, wanted] of [
    [`slak:https://x/${SECRET}`, /unknown kind of channel, did you mean 'slack:'\?/],
    [SECRET, /begins with no kind of channel, wanted smtp:, .* or exec:/],
    [`${SECRET.replaceAll('.', '')}:x@-1`, /unknown kind of channel, wanted smtp:/],
    [`${slack}?severity=loud`, /unknown 'severity', wanted info, warning or critical/],
    [`${slack}?serverity=info`, /unknown setting .*did you mean 'severity'\?/],
    [`${slack}?${SECRET}=1`, /unknown setting after '\?'; the settings are name or severity/],
    [`${slack}?name=a%20b`, /'name' with other signs/],
    [`${slack}?name=`, /'name' without a value/],
    [`${slack}?name=a&name=b`, /'name' twice/],
    [`${slack}?name=%zz`, /a '%' in name that begins no code/],
    [`slack:hooks.slack.com/${SECRET}`, /no full URL, wanted slack:https:/],
    [`https:///${SECRET} `, null],
    [`smtp://u:${SECRET}/p@mail.example.com?to=a@b.c`, /no mail server.* %40 %2F %3F %23/],
    [`smtp://u:p@mail.example.com?from=${SECRET}&to=a@b.c`, /no mail address in 'to' or 'from'/],
    [`smtp://u:${SECRET}@mail.example.com`, /no mail address in 'to'/],
    [`smtp://u:${SECRET}@mail.example.com?to=a@b.c&tls=maybe`, /unknown 'tls'/],
    [`telegram:123:${SECRET}`, /no token and chat/],
    [`telegram:123456:aaaaaaaaaaaaaa@1?thread=${SECRET}`, /'thread' that is no number/],
    [`ntfy:https://ntfy.sh/a/${SECRET}`, /no topic of letters/],
    [`ntfy:https://ntfy.sh/t?token=${encodeURIComponent(canary('token'))}`, /in 'token'/],
    [`exec:tell ${SECRET}`, /no full path of a program/],
    [`exec:/bin/sh -c "echo ${SECRET}"`, /quotes are not read/],
  ] as const) {
    test(`${line.slice(0, 30)}… is named without its secrets`, () => {
      if (wanted === null) return;
      const problem = problemOf(line);
      assert.match(problem, wanted);
      assert.match(problem, /^LIVENESS_NOTIFY, line 1: got /);
      assert.equal(sung(problem), null);
    });
  }

  test('does not take the others with it, and has its number', () => {
    const { channels, problems } = parseChannels(`\n${slack}\r\nslak:x\nhttps://a/ x:y`, NAME);
    assert.deepEqual(
      channels.map(({ kind }) => kind),
      ['slack', 'webhook'],
    );
    assert.deepEqual(
      problems.map((problem) => problem.slice(0, 40)),
      ['LIVENESS_NOTIFY, line 3: got an unknown ', 'LIVENESS_NOTIFY, line 4, channel 2: got '],
    );
  });

  test('the same name twice is named', () => {
    const { channels, problems } = parseChannels(`${slack}?name=a ${slack}?name=a`, NAME);
    assert.equal(channels.length, 1);
    assert.match(problems[0] ?? '', /got the name 'a' twice/);
  });

  test('more than 20 channels are too many', () => {
    const { channels, problems } = parseChannels(`${slack}\n`.repeat(50), NAME);
    assert.equal(channels.length, 20);
    assert.equal(problems.length, 21);
    assert.match(problems.at(-1) ?? '', /and 10 more/);
  });
});

test('no text makes it throw, and no problem shows a part of it', () => {
  const word = fc.constantFrom(
    'slack:',
    'https://',
    'smtp://',
    'a@b.c',
    '?name=',
    '&to=',
    '%',
    ' ',
    '\n',
    ':',
  );
  const texts = fc.array(fc.oneof(word, fc.string(), fc.constant(SECRET)), { maxLength: 12 });
  fc.assert(
    fc.property(texts, (parts) => {
      const { problems } = parseChannels(parts.join(''), NAME);
      for (const problem of problems) assert.equal(sung(problem), null, problem);
    }),
  );
});

test('a channel that is printed shows kind and host alone', async () => {
  const { inspect } = await import('node:util');
  const { channels } = parseChannels(
    `slack:https://hooks.slack.com/services/${SECRET} smtp://u:${SECRET}@m.x?to=a@b.c`,
    NAME,
  );
  assert.equal(sung(inspect(channels, { depth: 9, showHidden: true })), null);
  assert.equal(sung(JSON.stringify(channels)), null);
});

describe('a web address', () => {
  for (const line of [
    'https://bob:2024/secret-Pass9@hooks.example.com/x',
    'https://bob:2024#secret-Pass9@hooks.example.com/x',
    'https://bob:2024?secret-Pass9@hooks.example.com/x',
    String.raw`https://bob:2024\\secret-Pass9@hooks.example.com/x`,
    'https://bob:se@2024/cret@hooks.example.com/x',
    'slack://bob:2024/secret-Pass9@hooks.example.com/x',
    'ntfy:https://bob:2024/secret-Pass9@ntfy.example.com/topic',
    'telegram:123456:aaaaaaaaaaaaaaa@1?api=https://bob:2024/secret-Pass9@tg.example.com',
  ]) {
    test(`with a sign in its login that ends the host is refused: ${line.slice(0, 30)}`, () => {
      const problem = problemOf(line);
      assert.match(problem, /got no full URL.*write @ \/ \? # as %40 %2F %3F %23/);
      assert.doesNotMatch(problem, /bob|2024|Pass9|example\.com\/x/);
    });
  }

  test('may have an @ as %40, and as a setting', () => {
    const { channels, problems } = parseChannels(
      'https://bob:20%2F24@hooks.example.com/%40me?secret=a@b',
      NAME,
    );
    assert.deepEqual(problems, []);
    assert.equal(channels[0]?.shown, 'webhook (hooks.example.com)');
  });
});
