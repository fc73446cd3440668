export { servers } from './registry.ts';
export { systemServers } from './system.ts';
