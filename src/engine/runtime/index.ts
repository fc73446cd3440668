export * from './container.ts';
export * from './container-io.ts';
export * from './image.ts';
export * from './image-store.ts';
export * from './log.ts';
export * from './reference.ts';
export * from './registry.ts';
export * from './registry-server.ts';
