const failures = new Set([
  'CommandError',
  'NotSimulated',
  'SilentExit',
  'StatusError',
  'RequestError',
  'NoResourceMatchError',
  'NoKindMatchError',
  'ConfigurationError',
  'AggregateErrors',
]);

/** Errors that kubectl reports. All others (faults, signals, broken pipes) are the process's business. */
export function isCommandFailure(error: unknown): error is Error {
  return error instanceof Error && failures.has(error.name);
}
