export { compareKeys, toYaml } from './emit.ts';
export { loadYaml, loadYamlCore, loadYamlDocuments, YamlError } from './load.ts';
export { isPlainString, resolveCore, resolvePlain } from './resolve.ts';
