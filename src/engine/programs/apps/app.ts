import type { Process } from '../../process/index.ts';
import type { Language } from './source.ts';

/** A program of the lessons: its source as the learner sees it, and what it does. One folder each, one line in `registry.ts`. */
export interface LessonApp {
  readonly name: string;
  readonly language: Language;
  /** The file that is recognised, e.g. `main.go`. */
  readonly main: string;
  /** Its files by path; `main` has marks where it may be changed (`source.ts`). */
  readonly files: Readonly<Record<string, string>>;
  /** Packages it needs from outside, as its language names them. */
  readonly packages: readonly string[];
  /** It looks names up or opens connections: Go links such programs to the C library unless CGO is off. */
  readonly network: boolean;
  /** Resident MiB. */
  readonly memory: number;
  /** @returns exit status */
  run(process: Process, values: ReadonlyMap<string, string>): Promise<number>;
}

/** `2026/01/15 10:30:00 `, as Go's log package begins its lines. */
export function goLogStamp(process: Process): string {
  return `${new Date(process.world.clock.now()).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ')} `;
}

/** `:8080`, `127.0.0.1:8080` or `0.0.0.0:80` taken apart. */
export function listenAddress(text: string): { address: string; port: number } | undefined {
  const match = /^(?:\[?([^\]]*?)\]?):(\d+)$/.exec(text);
  if (!match) return undefined;
  const host = match[1] === '' || match[1] === '::' ? '0.0.0.0' : match[1] === 'localhost' ? '127.0.0.1' : match[1]!;
  return { address: host, port: Number(match[2]) };
}
