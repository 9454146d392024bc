import * as z from 'zod';
import { LivenessError } from '../errors.ts';
import { BadValueError, isRecord, show } from './bad-value.ts';
import { inJson, jsonFormOf, type JsonForm } from './json-schema/form.ts';
import { didYouMean } from '../text/nearest.ts';

/**
 * What an issue has beside its message, where the value came from a variable and must not be shown: what to
 * write instead (`want`), or that the message has no part of a value.
 */
interface IssueParams {
  readonly want?: string;
  readonly isValueFree?: boolean;
}

/** For messages without any value in them. */
export const VALUE_FREE: IssueParams = { isValueFree: true };

/** A schema of one value. `parse` throws ERR_CONFIG for a bad one; `form` is its JSON Schema. */
export function setting<Value>(parse: (input: unknown) => Value, form: JsonForm) {
  const schema = z.unknown().transform((input, context): Value => {
    try {
      return parse(input);
    } catch (error) {
      if (!(error instanceof LivenessError)) throw error;
      const params = error instanceof BadValueError ? { want: error.want } : VALUE_FREE;
      context.addIssue({ code: 'custom', message: error.message, params: { ...params } });
      return z.NEVER;
    }
  });
  return inJson(schema, () => form);
}

/** A schema of an object with only these keys; `want` says what to write instead of a non-object. */
export function section<Shape extends z.ZodRawShape>(shape: Shape, want: string) {
  const schema = z.object(shape, { error: ({ input }) => `got ${show(input)}; ${want}` });
  // Not zod's strictObject: it reports all unknown keys in one issue, without their paths.
  // `as`: nothing passes the catchall, so the result has only the shape's keys.
  return schema.catchall(unknownKey(Object.keys(shape))) as unknown as z.ZodObject<Shape>;
}

function unknownKey(known: readonly string[]) {
  const error = ({ path = [] }: { path?: PropertyKey[] | undefined }): string => {
    const keys = `the keys here are ${known.join(', ')}`;
    return `unknown key; ${didYouMean(String(path.at(-1)), known, keys)}`;
  };
  return z.unknown().refine(() => false, { error });
}

/**
 * For rules between keys: they also run where some keys are wrong, so that all problems are reported at once.
 */
export const evenWhenInvalid = {
  when: ({ value }: { readonly value: unknown }): boolean => isRecord(value),
};

/** A schema of `form`, or of a non-object (`shortForm` in JSON Schema) that `expand` turns into an object. */
export function shorthandOr<Out>(
  expand: (short: unknown) => unknown,
  shortForm: JsonForm,
  form: z.ZodType<Out>,
) {
  const short = setting(expand, shortForm).pipe(form);
  const schema = z.unknown().transform((input, context): Out => {
    const isShort = !isRecord(input);
    const parsed = (isShort ? short : form).safeParse(input);
    return parsed.success ? parsed.data : passOn(parsed.error, context, isShort);
  });
  return inJson(schema, () => ({ anyOf: [shortForm, jsonFormOf(form)] }));
}

/** A schema of two forms of an object: with `key` it is `withKey`, else `without`. */
export function dependingOn<Out>(key: string, withKey: z.ZodType<Out>, without: z.ZodType<Out>) {
  const schema = z.unknown().transform((input, context): Out => {
    const parsed = (isRecord(input) && key in input ? withKey : without).safeParse(input);
    return parsed.success ? parsed.data : passOn(parsed.error, context, false);
  });
  return inJson(schema, () => ({ anyOf: [jsonFormOf(without), jsonFormOf(withKey)] }));
}

/** Gives the issues of an inner schema to the outer one, without their paths where a shorthand has none. */
function passOn(error: z.ZodError, context: z.core.$RefinementCtx, isShort: boolean): never {
  for (const issue of error.issues) {
    const { path, message } = issue;
    const params = { ...paramsOf(issue) };
    context.addIssue({ code: 'custom', path: isShort ? [] : path, message, params });
  }
  return z.NEVER;
}

/** The parameters of an issue from one of our schemas. */
export function paramsOf(issue: z.core.$ZodIssue): IssueParams {
  return issue.code === 'custom' ? (issue.params ?? {}) : {};
}
