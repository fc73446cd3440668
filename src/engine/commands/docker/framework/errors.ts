/** An error with a text of its own and the status the CLI ends with. */
export class CliError extends Error {
  override name = 'CliError';
  readonly exit: number;
  constructor(message: string, exit = 1) {
    super(message);
    this.exit = exit;
  }
}

/** Ends with a status; what there is to say has been said. */
export class CliExit extends Error {
  override name = 'CliExit';
  readonly exit: number;
  constructor(exit: number) {
    super('exit');
    this.exit = exit;
  }
}

/** The Engine's answer to a request that failed; printed after `Error response from daemon: `. */
export class DaemonError extends CliError {
  override name = 'DaemonError';
  readonly status: number;
  readonly reason: string;
  constructor(status: number, reason: string) {
    super(`Error response from daemon: ${reason}`);
    this.status = status;
    this.reason = reason;
  }
}

/** Nobody answers where the Engine should be. */
export class ConnectionFailed extends CliError {
  override name = 'ConnectionFailed';
  constructor(host: string) {
    super(`Cannot connect to the Docker daemon at ${host}. Is the docker daemon running?`);
  }
}

export function notSimulated(what: string): CliError {
  return new CliError(`slipway: ${what} is not simulated`);
}
