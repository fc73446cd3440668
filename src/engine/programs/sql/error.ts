/** What a database server answers instead of a result. */
export class SqlError extends Error {
  override name = 'SqlError';
  /** MySQL's error number; 0 for PostgreSQL. */
  readonly code: number;
  /** SQLSTATE. */
  readonly state: string;
  /** Where in the statement, for PostgreSQL's `LINE 1:` with a caret. */
  readonly position: number | undefined;
  readonly detail: string | undefined;
  readonly hint: string | undefined;

  constructor(
    code: number,
    state: string,
    message: string,
    more: { position?: number | undefined; detail?: string; hint?: string } = {},
  ) {
    super(message);
    this.code = code;
    this.state = state;
    this.position = more.position;
    this.detail = more.detail;
    this.hint = more.hint;
  }
}

/** A part of SQL that this engine lacks. */
export function notSimulated(what: string): SqlError {
  return new SqlError(1235, '0A000', `slipway: ${what} is not simulated`);
}
