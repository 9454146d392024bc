import { jsonText } from '../../text/json-text.ts';
import type { CliCommand } from '../framework/command.ts';

export const notify: CliCommand = {
  name: 'notify',
  summary: 'list the channels for messages, or send a test message through them',
  arguments: [{ name: 'channel', isRequired: false }],
  options: {
    test: { type: 'boolean', summary: 'send a test message and show the answer' },
    schema: { type: 'boolean', summary: 'the JSON Schema of what webhooks and programs receive' },
    json: { type: 'boolean', summary: 'the channels and their answers as JSON' },
  },
  examples: [
    ['notify', 'which channels are set up? (docs/NOTIFY.md)'],
    ['notify --test', 'does a message arrive?'],
    ['notify --test slack', 'only through this channel'],
  ],
  async run(given, io) {
    // Loaded only here, as no other command needs the channels.
    if (!given.has('schema')) return (await import('./test-channels.ts')).showChannels(given, io);
    const { webhookSchema } = await import('../../notify/message/webhook-document.ts');
    io.out(jsonText(webhookSchema, 2));
    return 0;
  },
};
