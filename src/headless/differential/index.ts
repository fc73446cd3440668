export { differences, record } from './compare.ts';
export { families, kept, shard } from './families/index.ts';
