export * from './http.ts';
export * from './url.ts';
export * from './network.ts';
