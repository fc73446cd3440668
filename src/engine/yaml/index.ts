export { compareKeys, toYaml } from './emit.ts';
export { loadYaml, loadYamlDocuments, YamlError } from './load.ts';
export { isPlainString, resolvePlain } from './resolve.ts';
