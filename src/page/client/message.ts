/** What the monitor sends, as JSON, to those who follow a page: `room.ts` writes it, `updates.ts` reads it. */
export interface Message {
  /** The monitor's version. */
  readonly version: string;
  /** Which state of the page this is: its room, and a number that grows. */
  readonly rev: string;
  readonly title?: string;
  /** New pieces of the page, by the id of their element. */
  readonly set?: Readonly<Record<string, string>>;
  /** The ids of the rows in order. */
  readonly order?: readonly string[];
  /** What is to be said to those who do not see it. */
  readonly say?: readonly string[];
  /** The page is to be fetched whole: too much has changed. */
  readonly again?: true;
}
