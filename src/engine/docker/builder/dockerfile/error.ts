/** Lines of a Dockerfile, counted from 1, both included. */
export interface LineRange {
  start: number;
  end: number;
}

/** What is wrong with a Dockerfile; `range` is where, if it is somewhere. */
export class DockerfileError extends Error {
  override name = 'DockerfileError';
  readonly range: LineRange | undefined;
  constructor(message: string, range?: LineRange) {
    super(message);
    this.range = range;
  }
}

/** As instructions.Parse words what it finds. */
export function parseError(message: string, range: LineRange): DockerfileError {
  return new DockerfileError(`dockerfile parse error on line ${range.start}: ${message}`, range);
}
