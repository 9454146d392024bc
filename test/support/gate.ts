/** A promise that the test resolves: something that hangs until then. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const opened = new EventTarget();
  return {
    opened: new Promise((resolve) => {
      opened.addEventListener('open', () => resolve(), { once: true });
    }),
    open: () => void opened.dispatchEvent(new Event('open')),
  };
}
