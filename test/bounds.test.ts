import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Secrets } from '../src/config/secrets/secrets.ts';
import { hideArguments, hideLogins } from '../src/config/secrets/word-secrets.ts';
import { messageOf } from '../src/errors.ts';
import { parseLsof, parseNetstat, parsePs } from '../src/os/darwin/parse.ts';
import { markersOf } from '../src/os/linux/markers.ts';
import { parseSocket } from '../src/os/linux/net.ts';
import { parseUnixSocket } from '../src/os/linux/unix-sockets.ts';
import { parseBootTime, parseStat, parseStatus } from '../src/os/linux/stat.ts';
import { findLostReason } from '../src/diagnosis/lost-reason.ts';
import { readDaemonLine } from '../src/pm2/daemon-line.ts';
import { appendTail, lastErrorLine } from '../src/target/restarts/error-line.ts';
import { installerOf } from '../src/diagnosis/deploy/installer-command.ts';
import { firstCertificateIn } from '../src/diagnosis/certificate-file.ts';
import { needsModules, parseOrNull } from '../src/diagnosis/deploy/package-file.ts';
import { portsTakenIn } from '../src/diagnosis/port-taken.ts';
import { filesNamedIn } from '../src/diagnosis/saves/named-files.ts';
import { buildErrorIn } from '../src/diagnosis/first-build/build-error.ts';
import { readLogTail } from '../src/os/log-tail.ts';
import { parseServiceState, parseValues } from '../src/os/boot/windows-service.ts';
import { parseTask } from '../src/os/boot/windows-task.ts';
import * as windows from '../src/os/windows/parse.ts';
import { isFoundIn, isQuick } from '../src/probe/http/body-match.ts';
import { outcomeOfError } from '../src/probe/net/connect-error.ts';
import { redirectWithin } from '../src/probe/http/ask.ts';
import type { HttpAnswer } from '../src/probe/http/exchange.ts';
import { originOf } from '../src/probe/http/request.ts';
import { locationText } from '../src/probe/http/location-text.ts';
import { staticImportsOf } from '../src/probe/vite/module-imports.ts';
import { singleLine, singleLineCommand } from '../src/text/single-line.ts';
import { OutputTail } from '../src/probe/exec/command.ts';
import { resultOf } from '../src/notify/channel/http-result.ts';
import { discordMessageOf } from '../src/notify/channel/discord.ts';
import { ntfyMessageOf } from '../src/notify/channel/ntfy.ts';
import { slackMessageOf } from '../src/notify/channel/slack.ts';
import { htmlOf } from '../src/notify/message/html.ts';
import type { Notice } from '../src/notify/message/notice.ts';
import { subjectOf } from '../src/notify/message/subject.ts';
import { judgeModule, judgePage } from '../src/probe/vite/answer.ts';
import { readCompileError } from '../src/probe/source/compile-error.ts';
import {
  describeError,
  isServiceGone,
  readErrorPage,
  readHotError,
} from '../src/probe/source/vite-error.ts';
import { readFrameworkError } from '../src/probe/vite/framework-error.ts';
import { hotReloadUrls } from '../src/probe/vite/hmr.ts';
import { moduleScriptsOf } from '../src/probe/vite/html.ts';
import { keyOf, moduleOf, servedBase } from '../src/probe/vite/module-url.ts';
import { judgePing } from '../src/probe/vite/ping.ts';
import { viteTargetOf } from '../src/probe/vite/target.ts';
import { FrameReader } from '../src/probe/websocket/frames.ts';
import { managed } from './support/fake-pm2.ts';
import { gistOf } from '../src/text/gist.ts';
import { hidePathsIn } from '../src/listener/hide-paths.ts';
import { sanitizeLine } from '../src/text/sanitize.ts';
import { jsonText } from '../src/text/json-text.ts';
import { readJson } from '../src/text/read-json.ts';
import { parseDocument } from '../src/store/document.ts';
import { parseJournalLine } from '../src/store/journal-line.ts';

const KIB = 1_024;

/** A message about an app all of whose texts are this one. */
function noticeFrom(text: string): Notice {
  const at = '2026-11-28T03:12:45.000Z';
  const words = { app: text, reason: text, detail: text, next: text, diagnosis: text };
  const times = { openedAt: at, detectedAt: at, resolvedAt: null, downtimeMs: null };
  const rest = { instance: null, incident: 'x', cause: 'timeout', restarts: 1, command: text };
  const apps = [{ ...words, ...times, ...rest, done: [text] }];
  const head = { schemaVersion: 1, id: 'x', event: 'opened', severity: 'critical' } as const;
  return { ...head, host: text, at, apps, moreApps: 0, text: null };
}

const URL_OF_TESTS = new URL('http://127.0.0.1:5173/');
const TARGET = viteTargetOf({ url: URL_OF_TESTS.href });

/** What a text is made of to be slow: what is searched for, opened and not closed, or repeated. */
const PIECES = [
  ' ',
  '\n',
  '\t',
  'a',
  'a ',
  '0',
  '1 ',
  '1:',
  ':1:1',
  '1.',
  '/',
  '//',
  '/a',
  '../',
  '\\',
  '%',
  '&',
  't&',
  '"',
  "'",
  '\\"',
  '`',
  '<',
  '>',
  '=',
  '{',
  '[',
  '{"a":',
  '?',
  '#',
  '?\n',
  '\0',
  '\u001B',
  '\u009B',
  '\uD800',
  '\u001B[',
  '\u001B[0',
  '\u001B];',
  '\u001B ',
  '\u001B[;',
  'ü',
  '\u202E',
  '\u2028',
  'ü.',
  'xn--a.',
  '${',
  '`${',
  '<script ',
  '<script a="',
  "<script a='",
  '<script></script',
  '<script type=module src=a></script>',
  '<!--',
  '<title>',
  '<title>a',
  '&amp;',
  ' src="/@vite/client"',
  'const error = {',
  'ErrorOverlay',
  '"message":"',
  '"id":"',
  '"loc":{',
  '"loc":{}',
  '\\u0061',
  '":"',
  '/* */',
  '/*',
  '//\n',
  'import"/a";',
  'import("/a");',
  'export*from"/a";',
  'import.meta ',
  '()/',
  '/[',
  'public base URL of ',
  'SSL routines:',
  'base path set to <a href="',
  'socketProtocol = "ws',
  'hmrPort = ',
  'directSocketHost = "',
  'p1\nn[::1]:1\n',
  'socketHost = `${"a" || importMetaUrl.hostname}:',
  'name=a\0',
  'PM2_HOME=',
  'Uid:\t1\n',
  'VmRSS: 1',
  'btime ',
  'TCP 0.0.0.0:1 0.0.0.0:0 LISTENING 1\n',
  'tcp4 0 0 *.1 *.* LISTEN\n',
  '1 1 1 S 0:0 1 Mon Jan  1 00:00:00 2024 a\n',
];

/** One place that judges a text which others chose. */
interface Place {
  /** As in docs/BOUNDS.md. */
  readonly name: string;
  /** The most characters that come here. */
  readonly most: number;
  /** The text before it, without which the text is not read. */
  readonly before?: readonly string[];
  readonly judge: (text: string) => unknown;
}

const answerWith = (more: Partial<HttpAnswer>): HttpAnswer => ({
  status: 500,
  statusText: 'Error',
  location: undefined,
  contentType: 'text/javascript',
  body: Buffer.alloc(0),
  isCut: false,
  timings: {},
  ...more,
});
const MODULE = { url: new URL('/src/a.ts', URL_OF_TESTS), name: 'src/a.ts' };
const REQUEST = {
  method: 'GET',
  path: '/',
  headers: {},
  maxBodyBytes: 0,
  useBody: (): 'skip' => 'skip',
};

const SECRETS = new Secrets([
  { value: `${'a'.repeat(500)}b${'a'.repeat(500)}`, shown: '…' },
  ...Array.from({ length: 50 }, (_, index) => ({ value: `a%20 <secret> ${index}`, shown: '…' })),
]);

const LOST_APP = managed({ name: 'web', pid: 0 });

const PLACES: readonly Place[] = [
  {
    name: 'sentence that the listener shows',
    most: 64 * KIB,
    before: ['', "'/", 'at file:///', '/a/b a ', '/a/b (', '%2Fa', 'x:///'],
    judge: hidePathsIn,
  },
  {
    name: "end of PM2's log",
    most: 64 * KIB,
    before: ['', 'spawn ', 'EACCES: a, open ', 'EAAA: '],
    judge: async (text) => findLostReason('/nowhere', LOST_APP, text, true),
  },
  {
    name: 'page of a dev server',
    most: 512 * KIB,
    before: ['', '<script '],
    judge: moduleScriptsOf,
  },
  {
    name: 'error page of a dev server',
    most: 512 * KIB,
    before: [
      '',
      'ErrorOverlay const error = {"message":"',
      'ErrorOverlay const error = {"message":"a","id":"',
      'ErrorOverlay const error = {"message":"a","loc":{"file":"',
      '{"type":"error","err":{"message":"Failed to load url ',
      '{"__isEnhancedAstroErrorPayload":true,"type":"error","err":{"message":"&quot;<code>',
      '<script id="__NEXT_DATA__" type="application/json">{"err":{"name":"ModuleBuildError","message":"./',
    ],
    judge: (text) => {
      readCompileError(`${text}</script>`, 'Vite Error');
      readCompileError(`${text}</script>`, '');
      readCompileError(`{"stack": [esbuild/lib/main.js:"message":"${text}`, 'Vite Error');
      readCompileError(`{"stack": [esbuild/lib/main.js:"message":"${text}`, '');
      readCompileError(`'nuxt-error-overlay'</h2><p>${text}`, '');
      const heard = readHotError(text);
      if (heard !== undefined) describeError(heard, 'the page');
      readFrameworkError(text);
      const error = readErrorPage(text);
      if (error !== undefined) describeError(error, 'src/App.tsx');
      isServiceGone(text);
      return judgePage(answerWith({ body: Buffer.from(text) }));
    },
  },
  { name: 'module of a dev server', most: 512 * KIB, judge: staticImportsOf },
  {
    name: 'import of a module',
    most: 512 * KIB,
    before: ['/', '/?', 'http://'],
    judge: (text) => {
      const module = moduleOf(text, URL_OF_TESTS, '/');
      servedBase([`${text}@vite/client`], URL_OF_TESTS);
      return module && keyOf(module);
    },
  },
  {
    name: 'client script of hot reload',
    most: 512 * KIB,
    before: ['', 'socketHost = `${"', 'directSocketHost = "'],
    judge: (text) => hotReloadUrls(text, URL_OF_TESTS),
  },
  {
    name: 'answer to the ping of a dev server',
    most: 16 * KIB,
    before: ['', 'public base URL of ', 'Blocked request. This host'],
    judge: (text) => {
      const body = Buffer.from(text);
      return [403, 404].map((status) => judgePing(answerWith({ status, body }), TARGET));
    },
  },
  {
    name: 'head of an answer',
    most: 64 * KIB,
    judge: (text) => {
      const answer = answerWith({ statusText: text, contentType: text, location: text });
      return [200, 302, 500, 504].map((status) => judgeModule({ ...answer, status }, MODULE));
    },
  },
  {
    name: 'Location of a redirect',
    most: 64 * KIB,
    before: ['', '/', '//', 'http://', 'http://127.0.0.1:5173/?'],
    judge: (location) =>
      redirectWithin(originOf(URL_OF_TESTS), REQUEST, answerWith({ status: 302, location })),
  },
  {
    name: 'body and message, for a text',
    most: 64 * KIB,
    judge: (text) => [
      isFoundIn(text, `${'a'.repeat(500)}b${'a'.repeat(499)}`),
      isFoundIn(text, 'x'),
    ],
  },
  {
    name: 'body and message, for a short expression',
    most: 64 * KIB,
    judge: (text) =>
      ['a', '.', ' ', '\\w', '[^b]', 'a|'].map((part) => {
        const expression = new RegExp(`${part.repeat(Math.floor(98 / part.length))}b`, 'isu');
        assert.ok(isQuick(expression));
        return isFoundIn(text, expression);
      }),
  },
  {
    name: 'frames of a WebSocket',
    most: 64 * KIB,
    before: ['', '\u0081\u0001a', '\u0001\u0000'],
    judge: (text) => {
      const [reader, bytes] = [new FrameReader(), Buffer.from(text, 'latin1')];
      for (let at = 0; at < bytes.length; at += 16) reader.read(bytes.subarray(at, at + 16));
    },
  },
  {
    name: 'secrets in what an app says',
    most: 64 * KIB,
    before: ['', '//', 'a: '],
    judge: (text) => [SECRETS.mask(text), locationText(text)],
  },
  {
    name: 'logins in a command line',
    most: 64 * KIB,
    before: ['', '://', 'token='],
    judge: (text) => [hideLogins, hideArguments].map((hide) => hide(singleLineCommand(text))),
  },
  { name: 'detail of a sample', most: 512 * KIB, judge: (text) => singleLine(text) },
  {
    name: 'what an app writes, as PM2 passes it on',
    most: 16 * KIB,
    before: ['', 'EADDRINUSE ', 'address already in use port '],
    judge: (text) => portsTakenIn(text, true),
  },
  {
    name: 'last error of an app that ended',
    most: 64 * KIB,
    before: ['', 'Error: '],
    judge: (text) => lastErrorLine(appendTail('', text)),
  },
  {
    name: "line of PM2's own log",
    most: 64 * KIB,
    before: ['', 'App [', 'Stopping app:', 'Change detected on path ', '[PM2][WORKER] Process 1'],
    judge: readDaemonLine,
  },
  {
    name: 'files that an error names',
    most: 64 * KIB,
    before: ['', '/srv/web/', 'file:///srv/web/'],
    judge: (text) => filesNamedIn(text, ['/srv/web', '/srv/my web']),
  },
  {
    name: 'command line of an installer',
    most: 4 * KIB,
    before: ['', 'npm ', 'node\0/usr/bin/pnpm\0'],
    judge: (text) => installerOf(text.split('\0')),
  },
  {
    name: 'block that is text',
    most: 64 * KIB,
    before: ['', '{"http":'],
    judge: (text) => JSON.stringify(readJson(text)),
  },
  {
    name: 'file of a certificate',
    most: 64 * KIB,
    before: ['', '-----BEGIN CERTIFICATE-----\n'],
    judge: (text) => firstCertificateIn(text),
  },
  {
    name: 'package.json of an app',
    most: 256 * KIB,
    before: ['', '{"dependencies":'],
    judge: (text) => needsModules(parseOrNull(text)),
  },
  {
    name: 'output of a command',
    most: 512 * KIB,
    judge: (text) => {
      const [tail, bytes] = [new OutputTail(), Buffer.from(text)];
      for (let at = 0; at < bytes.length; at += 256) tail.add(bytes.subarray(at, at + 256));
      return tail.lastLine();
    },
  },
  {
    name: 'message of an error',
    most: 128 * KIB,
    judge: (text) => [
      messageOf(new Error(text)),
      outcomeOfError(Object.assign(new Error(text), { code: 'EPROTO' }), 'tls', 'a'),
    ],
  },
  { name: 'command line of a process', most: 512 * KIB, judge: singleLineCommand },
  {
    name: 'environment of a process',
    most: 512 * KIB,
    before: ['', 'name='],
    judge: (text) => markersOf(Buffer.from(text)),
  },
  {
    name: 'tables of the system',
    most: 64 * KIB,
    before: ['', '1 (', 'Uid:\t'],
    judge: (text) => [
      parseStat(text),
      parseStatus(text),
      parseBootTime(text),
      parseSocket(text),
      parseUnixSocket(text),
    ],
  },
  {
    name: 'output of a system program',
    most: 64 * KIB,
    judge: (text) => [
      parseLsof(text),
      parseNetstat(text),
      parsePs(text),
      windows.parseNetstat(text),
      windows.parseProcesses(text),
      parseValues(text),
      parseServiceState(text),
      parseTask('pm2', text, text),
    ],
  },
  {
    name: 'names and texts on screen and in the log',
    most: 64 * KIB,
    judge: (text) => [sanitizeLine(text), jsonText(text), gistOf(text)],
  },
  {
    name: 'answer of a service that is notified',
    most: 16 * KIB,
    before: ['', '{"ok":false,"parameters":{"retry_after":', '<'],
    judge: (text) => [
      resultOf({ kind: 'answered', status: 429, retryAfter: text, body: text }),
      readJson(text),
    ],
  },
  {
    name: 'texts of a message',
    most: 16 * KIB,
    before: [''],
    judge: (text) => {
      const notice = noticeFrom(text);
      return [
        subjectOf(notice),
        htmlOf(notice),
        slackMessageOf(notice),
        discordMessageOf(notice),
        ntfyMessageOf(notice),
      ];
    },
  },
  {
    name: 'line of the journal',
    most: 256 * KIB,
    before: ['', '{"schemaVersion":1,"at":"'],
    judge: (text) => [parseJournalLine(text), parseDocument(text)],
  },
];

/** Milliseconds of our own CPU for one call, the best of three: what else the machine does counts little. */
async function costOf(judge: (text: string) => unknown, text: string): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 3; tries += 1) {
    const began = process.cpuUsage();
    await judge(text);
    const { user, system } = process.cpuUsage(began);
    best = Math.min(best, (user + system) / 1_000);
    if (best < LEAST_MS) break;
  }
  return best;
}

/** Where a sixteenth of a text takes this long, the whole would take minutes. */
const HOPELESS_MS = 300;

/** Quadratic, this would be 26 ms at the full length. */
const HARMLESS_MS = 0.1;

/** Sixteen times the text takes sixteen times as long; 256 times would be quadratic. */
const MOST_GROWTH = 64;

/** What is below this at a sixteenth is noise. */
const LEAST_MS = 2;

describe('no text of others takes more than linear time, up to its cap', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pl-bounds-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const logTail: Place = {
    name: 'end of a log',
    most: 64 * KIB,
    judge: async (text) => {
      const path = join(folder, 'log');
      await writeFile(path, text);
      return buildErrorIn((await readLogTail(path))?.lines ?? []);
    },
  };

  for (const { name, most, before: heads = [''], judge } of [...PLACES, logTail]) {
    test(name, async (context) => {
      let worst = { ms: 0, piece: '' };
      for (const head of heads) {
        for (const piece of PIECES) {
          const textOf = (length: number): string =>
            head + piece.repeat(Math.floor((length - head.length) / piece.length));
          // One that never ends is not waited for.
          const firstMs = await costOf(judge, textOf(most / 16));
          assert.ok(firstMs < HOPELESS_MS, `${JSON.stringify(head + piece)}: ${firstMs} ms`);
          if (firstMs < HARMLESS_MS) continue;
          const ms = await costOf(judge, textOf(most));
          if (ms > worst.ms) worst = { ms, piece: head + piece };
          const growth = ms / Math.max(firstMs, LEAST_MS);
          assert.ok(growth < MOST_GROWTH, `${JSON.stringify(head + piece)}: ${firstMs} → ${ms} ms`);
        }
      }
      context.diagnostic(
        `${worst.ms.toFixed(1)} ms of ${most} characters: ${JSON.stringify(worst.piece)}`,
      );
    });
  }

  test('docs/BOUNDS.md has the same places', async () => {
    const page = await readFile(new URL('../docs/BOUNDS.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| ([^|]+?) +\| /gm)].map(([, name]) => name);
    const wanted = [...PLACES, logTail].map(({ name }) => name);
    assert.deepEqual(new Set(rows.slice(1, 1 + wanted.length)), new Set(wanted));
  });
});
