export type { Built } from './build.ts';
export { renderResource } from './render.ts';
export { runKustomize } from './run.ts';
