export * from './bash.ts';
export * from './completion.ts';
