export { loadYaml, loadYamlDocuments, YamlError } from './load.ts';
