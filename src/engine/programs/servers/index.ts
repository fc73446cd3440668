export { servers } from './registry.ts';
