export * from './machine.ts';
export * from './process.ts';
export * from './tty.ts';
