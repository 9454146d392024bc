/**
 * True for a web address with an `@` behind its host: a password with one of `/ ? # \` ends the host early, so that what is sent goes elsewhere,
 * and user and the begin of the password are shown as host and port.
 */
export function hasLostLogin(url: string): boolean {
  return /^(?:\w+:)?\/\/[^/?#\\]*[/?#\\].*@/s.test(url);
}
