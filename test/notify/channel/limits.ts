import assert from 'node:assert/strict';
import type { Received } from './sink.ts';

// The documented limits and forms of the hosted services, read from their documentation and not from src.

type Fields = Readonly<Record<string, unknown>>;

function json(received: Received): Fields {
  assert.equal(received.method, 'POST');
  assert.match(received.headers['content-type'] ?? '', /^application\/json/);
  return JSON.parse(received.body) as Fields;
}

function text(value: unknown, most: number, what: string): string {
  assert.equal(typeof value, 'string', what);
  const said = String(value);
  assert.ok(said.length > 0 && said.length <= most, `${what}: ${said.length} of ${most}`);
  return said;
}

function list(value: unknown, most: number, what: string): readonly Fields[] {
  assert.ok(Array.isArray(value) && value.length > 0 && value.length <= most, what);
  return value as readonly Fields[];
}

/** docs.slack.dev: `text` 40 000, 50 blocks, header 150 plain, section 3000, context 10 elements. */
export function checkSlack(received: Received): void {
  const message = json(received);
  const parts = [text(message['text'], 40_000, 'text')];
  for (const block of list(message['blocks'], 50, 'blocks')) {
    const inner = block['text'] as Fields;
    if (block['type'] === 'header') {
      assert.equal(inner['type'], 'plain_text');
      text(inner['text'], 150, 'header');
    } else if (block['type'] === 'section') {
      assert.ok(inner['type'] === 'mrkdwn' || inner['type'] === 'plain_text');
      parts.push(text(inner['text'], 3_000, 'section'));
    } else {
      assert.equal(block['type'], 'context');
      for (const each of list(block['elements'], 10, 'elements'))
        text(each['text'], 3_000, 'context');
    }
  }
  // Control sequences: `<!channel>`, `<@U1>`, `<http://…|text>`.
  for (const part of parts) assert.doesNotMatch(part, /[<>]/);
}

/** discord.com/developers/docs: content 2000, 10 embeds of title 256, description 4096, footer 2048; 6000 in all. */
export function checkDiscord(received: Received): void {
  const message = json(received);
  if ('content' in message) text(message['content'], 2_000, 'content');
  assert.deepEqual((message['allowed_mentions'] as Fields)['parse'], []);
  let all = 0;
  for (const embed of list(message['embeds'], 10, 'embeds')) {
    all += text(embed['title'], 256, 'title').length;
    all += text(embed['description'], 4_096, 'description').length;
    all += text((embed['footer'] as Fields)['text'], 2_048, 'footer').length;
    assert.ok(Number(embed['color']) >= 0 && Number(embed['color']) <= 0xff_ff_ff);
    assert.ok(!Number.isNaN(Date.parse(String(embed['timestamp']))));
    const outsideCode = String(embed['description']).replaceAll(/`[^`]*`/g, '');
    assert.doesNotMatch(outsideCode, /(?<!\\)\[x\](?<!\\)\(http/);
  }
  assert.ok(all <= 6_000, `all embeds: ${all}`);
  assert.match(received.path, /[?&]wait=true/);
}

const CARD = 'application/vnd.microsoft.card.adaptive';

/** learn.microsoft.com: 28 KB; one adaptive card, version up to 1.5, with elements that Teams knows. */
export function checkTeams(received: Received): void {
  const message = json(received);
  assert.ok(Buffer.byteLength(received.body) <= 28 * 1024, String(received.body.length));
  assert.equal(message['type'], 'message');
  const [attachment = {}] = list(message['attachments'], 1, 'attachments');
  assert.equal(attachment['contentType'], CARD);
  const card = attachment['content'] as Fields;
  assert.equal(card['type'], 'AdaptiveCard');
  assert.match(String(card['version']), /^1\.[0-5]$/);
  for (const block of list(card['body'], 200, 'body')) {
    assert.equal(block['type'], 'RichTextBlock');
    for (const run of list(block['inlines'], 10, 'inlines')) {
      assert.equal(run['type'], 'TextRun');
      text(run['text'], 5_000, 'run');
    }
  }
}

/** core.telegram.org/bots/api#sendmessage: chat_id, text of 1 to 4096 characters. */
export function checkTelegram(received: Received): void {
  const message = json(received);
  assert.match(received.path, /^\/bot\d+:[\w-]+\/sendMessage$/);
  assert.match(String(message['chat_id']), /^(?:-?\d+|@\w+)$/);
  text(message['text'], 4_096, 'text');
  assert.ok(!('parse_mode' in message), 'plain text has nothing to escape');
}

/** docs.ntfy.sh: JSON to the root, topic, message up to 4096 bytes, priority 1 to 5, tags. */
export function checkNtfy(received: Received): void {
  const message = json(received);
  assert.equal(received.path, '/');
  assert.match(String(message['topic']), /^[-_A-Za-z0-9]{1,64}$/);
  text(message['title'], 250, 'title');
  assert.ok(Buffer.byteLength(text(message['message'], 4_096, 'message')) <= 4_096);
  const priority = Number(message['priority']);
  assert.ok(Number.isInteger(priority) && priority >= 1 && priority <= 5);
  for (const tag of message['tags'] as readonly string[]) assert.match(tag, /^\w+$/);
}

/** Alertmanager's api/v2/openapi.yaml: labels with valid names, RFC 3339 times. */
export function checkAlertmanager(received: Received): void {
  assert.equal(received.path, '/api/v2/alerts');
  const alerts = JSON.parse(received.body) as readonly Fields[];
  for (const alert of alerts) {
    const labels = alert['labels'] as Readonly<Record<string, string>>;
    assert.ok(labels['alertname'] && labels['host'] && labels['severity']);
    for (const [name, value] of Object.entries(labels)) {
      assert.match(name, /^[a-zA-Z_][a-zA-Z0-9_]*$/);
      assert.equal(typeof value, 'string');
    }
    const [starts, ends] = [alert['startsAt'], alert['endsAt']].map((at) => Date.parse(String(at)));
    assert.ok(Number(starts) < Number(ends), 'it starts before it ends');
  }
}
