/** True for the path of a Unix socket or of a Windows pipe: no address or host name has a slash. */
export function isSocketPath(address: string): boolean {
  return address.includes('/') || address.includes('\\');
}

/** True for the path of a Windows pipe, which Node also takes with slashes. */
export function isPipePath(path: string): boolean {
  return /^[\\/]{2}[.?][\\/]pipe[\\/]./i.test(path);
}

/** The socket that the options of a probe name in place of host and port; undefined where they name none. */
export function socketOf(options: { readonly socket?: string } | object): string | undefined {
  return 'socket' in options ? options.socket : undefined;
}

/** The shown URL of a probe, with the socket where it is asked, if it has one. */
export function atSocket(url: string, options: object): string {
  const socket = socketOf(options);
  return socket === undefined ? url : `${url} at ${socket}`;
}
