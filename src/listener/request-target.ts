/** The path and the query of a request. */
export interface RequestTarget {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** The characters of a path (RFC 3986), so that it can stand in a header and a page as it is. */
const PATH = /^\/(?!\/)[\w\-.~%!$&'()*+,;=:@/]*$/;

/** Null for what is no path of ours: a whole URL, `*`, a second slash at the begin (a host, to a browser). */
export function targetOfRequest(url: string): RequestTarget | null {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  if (!PATH.test(path)) return null;
  return { path, query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)) };
}

/** A part of a path with its escapes read; null where they are broken. */
export function decodePart(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
