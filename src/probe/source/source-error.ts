/** An error of the user's source, as an error page of a dev server names it. */
export interface SourceError {
  /** The file, with line and column where they are known: `src/App.tsx:12:5`. */
  readonly place: string;
  /** What is wrong there, for a person. */
  readonly reason: string;
}
