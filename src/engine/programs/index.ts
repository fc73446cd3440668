import type { Program } from '../process/index.ts';

/** The usual text tools and small programs by name; hosts and images install them as executables. */
export const textTools: ReadonlyMap<string, Program> = new Map<string, Program>();
