import { badValue } from '../bad-value.ts';
import { textForm, type JsonForm } from '../json-schema/form.ts';

/** The channels that get messages about an app: all, or those with these names; none with an empty list. */
export type NotifySetting = 'all' | readonly string[];

/** More channels than this are no list that a person keeps in mind. */
const MOST = 20;

const WANT = "write true, false or the names of channels, like ['phone']";

/** The names of channels as `name=` in their URLs has them. */
const NAME = /^[\w.-]{1,40}$/;

/** Reads `notify: false`, `notify: 'phone'` or `notify: ['phone', 'mail']`. Throws ERR_CONFIG. */
export function parseNotify(input: unknown): NotifySetting {
  if (typeof input === 'boolean') return input ? 'all' : [];
  const names: readonly unknown[] = Array.isArray(input) ? input : [input];
  if (names.length > MOST) throw badValue(input, `write ${MOST} names at most`);
  const good = names.filter((name) => typeof name === 'string' && NAME.test(name));
  if (good.length === names.length) return [...new Set(good as string[])];
  throw badValue(
    names.find((name) => typeof name !== 'string' || !NAME.test(name)),
    WANT,
  );
}

const nameForm = textForm('[\\w.-]{1,40}');

/** The JSON Schema of the setting. */
export const notifyForm: JsonForm = {
  anyOf: [{ type: 'boolean' }, nameForm, { type: 'array', items: nameForm, maxItems: MOST }],
};
