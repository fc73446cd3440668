import type { Process, Program, SignalName } from '../../process/index.ts';
import { AddressInUse, httpSocket, tcpSocket, textResponse, untilSignal, whileListening } from './service.ts';

/** A server of which only the outside shows so far: it logs its start, listens, and stops when asked. */
export interface DaemonDefinition {
  /** Ports whose connections succeed. */
  ports?: (process: Process) => number[];
  /** Ports that answer every HTTP request with 200 and this text: health and readiness. */
  http?: Readonly<Record<number, string>>;
  /** Lines it logs at start. */
  started?: (process: Process) => string[];
  /** Lines it logs when stopped by `signal`. */
  stopped?: (process: Process, signal: SignalName) => string[];
  stream?: 'stdout' | 'stderr';
  signals?: readonly SignalName[];
  /** Exit status when stopped by a signal. */
  status?: (signal: SignalName) => number;
  /** Virtual ms until it listens. */
  startUpMs?: number;
}

export function defineDaemon(definition: DaemonDefinition): Program {
  const { ports, http = {}, started, stopped, stream = 'stdout', signals, status, startUpMs = 0 } = definition;
  return async (process) => {
    const write = async (lines: string[]) => {
      const text = lines.map((line) => `${line}\n`).join('');
      if (text !== '') await (stream === 'stdout' ? process.print(text) : process.printError(text));
    };
    if (startUpMs > 0) await process.sleep(startUpMs);
    try {
      const sockets = [
        ...(ports?.(process) ?? []).map(tcpSocket),
        ...Object.entries(http).map(([port, text]) => httpSocket(Number(port), () => textResponse(200, text))),
      ];
      return await whileListening(process, sockets, async () => {
        await write(started?.(process) ?? []);
        const signal = await untilSignal(process, signals);
        await write(stopped?.(process, signal) ?? []);
        return status?.(signal) ?? 0;
      });
    } catch (error) {
      if (!(error instanceof AddressInUse)) throw error;
      await process.printError(`${error.message}\n`);
      return 1;
    }
  };
}
