/** Plays one check and says what was found; throws where it does not hold. */
export type Check = (what: string, look: () => Promise<string | void>) => Promise<void>;
