export { buildKustomization, type Built } from './build.ts';
export { renderResource } from './render.ts';
