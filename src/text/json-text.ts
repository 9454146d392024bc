/** What JSON lets stand as it is, though a terminal obeys it or takes it for the end of a line. */
const LEFT = /[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu;

/** JSON that says exactly what `data` does, and that no terminal obeys: such characters are escaped. */
export function jsonText(data: unknown, indent = 0): string {
  return JSON.stringify(data, null, indent).replace(
    LEFT,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
