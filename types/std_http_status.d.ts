/** The reason phrase of each HTTP status code. */
export const STATUS_TEXT: Readonly<Record<number, string>>;
