import { readNextPage } from './next-page.ts';
import { readNitroAnswer } from './nitro-answer.ts';
import { readNuxtPage } from './nuxt-page.ts';
import { describeError, isServiceGone, readErrorPage } from './vite-error.ts';

/**
 * What does not compile, in one line with the file: `app/page.jsx:2:36 Expression expected`. Undefined
 * unless the page is one that only a dev server makes, and only for source that it could not compile: an
 * app that answers 500 and shows a stack is ill.
 */
export function readCompileError(body: string, statusText: string): string | undefined {
  const vite = readErrorPage(body);
  if (vite?.id !== undefined) {
    // Without its transformer Vite says so of any file that it should transform; a restart fixes that.
    return isServiceGone(vite.message) ? undefined : describeError(vite, 'the page');
  }
  const error =
    readNitroAnswer(statusText, body) ?? readNuxtPage(statusText, body) ?? readNextPage(body);
  return error && `${error.place} ${error.reason}`;
}
