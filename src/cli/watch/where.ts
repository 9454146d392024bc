import type { ManagedProcess } from '../../pm2/process.ts';
import { dropBlockCommand } from '../framework/ecosystem-here.ts';
import { appWord } from '../framework/pm2-words.ts';

/** How a block that PM2 itself has is removed: what to do and type, without a full stop. */
export function removalOf({ name, env }: ManagedProcess): string {
  return typeof env['env_liveness'] === 'string'
    ? `it came from the environment; to remove it, type: env_liveness= npx pm2 restart ${appWord(name)} --update-env`
    : `take env_liveness out of its ecosystem file, then type: ${dropBlockCommand(name, 'ecosystem.config.cjs')}`;
}
