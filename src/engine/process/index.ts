export * from './descriptor.ts';
export * from './files.ts';
export * from './machine.ts';
export * from './process.ts';
export * from './tty.ts';
