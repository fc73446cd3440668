export * from './cpu.ts';
export * from './descriptor.ts';
export * from './files.ts';
export * from './machine.ts';
export * from './memory.ts';
export * from './process.ts';
export { resolution } from './series.ts';
export * from './tty.ts';
export * from './usage.ts';
