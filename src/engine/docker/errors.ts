/** What the Engine answers with a status and `{"message"}`. */
export class EngineError extends Error {
  override name = 'EngineError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const badRequest = (message: string) => new EngineError(400, message);
export const forbidden = (message: string) => new EngineError(403, message);
export const notFound = (message: string) => new EngineError(404, message);
export const conflict = (message: string) => new EngineError(409, message);
export const serverError = (message: string) => new EngineError(500, message);
export const notModified = () => new EngineError(304, '');

export const noSuchContainer = (name: string) => notFound(`No such container: ${name}`);
