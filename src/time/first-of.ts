/** Resolves when one of the signals aborts. */
export function firstOf(...signals: readonly AbortSignal[]): Promise<void> {
  const any = AbortSignal.any([...signals]);
  return new Promise((resolve) => {
    if (any.aborted) return resolve();
    any.addEventListener('abort', () => resolve(), { once: true });
  });
}
