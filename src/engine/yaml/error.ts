/** Where something is in a text; both count from 0. */
export interface Mark {
  line: number;
  column: number;
}

/** Text that is no YAML. The message is that of the library kubectl uses: `yaml: line 5: …`. */
export class YamlError extends Error {
  override name = 'YamlError';
  /** 0-based line of the trouble itself. */
  readonly line: number;
  constructor(message: string, line = 0) {
    super(`yaml: ${message}`);
    this.line = line;
  }
}

/**
 * An error as the library words it: the first line of a text is not named, and the parser's count is one behind the
 * scanner's.
 */
function located(problem: string, at: Mark, offset: number): YamlError {
  return new YamlError(at.line === 0 ? problem : `line ${at.line + offset}: ${problem}`, at.line);
}

export function scannerError(problem: string, at: Mark): YamlError {
  return located(problem, at, 1);
}

export function parserError(problem: string, at: Mark): YamlError {
  return located(problem, at, 0);
}
