export * from '../world/image-reference.ts';
