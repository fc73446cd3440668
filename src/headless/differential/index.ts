export { differences, record } from './compare.ts';
export { families, shard } from './families/index.ts';
