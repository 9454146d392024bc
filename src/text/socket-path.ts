/** True for the path of a Unix socket or of a Windows pipe: no address or host name has a slash. */
export function isSocketPath(address: string): boolean {
  return address.includes('/') || address.includes('\\');
}

/** The shown URL of a probe, with the socket where it is asked, if it has one. */
export function atSocket(url: string, socket: string | undefined): string {
  return socket === undefined ? url : `${url} at ${socket}`;
}
