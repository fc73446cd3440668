export * from './bash.ts';
export * from './completion.ts';
export * from './host.ts';
