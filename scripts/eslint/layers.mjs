/**
 * The direction of dependencies (docs/architecture.md): each place may import only what its row names.
 * Rows are tried from top to bottom; the first whose prefix fits decides.
 */
import path from 'node:path';

const bottom = ['src/engine/world', 'src/engine/pki', 'src/engine/regex', 'src/engine/yaml', 'src/engine/gotemplate'];
const upToProcess = [...bottom, 'src/engine/network', 'src/engine/process'];
const upToRuntime = [...upToProcess, 'src/engine/shell', 'src/engine/programs', 'src/engine/runtime'];
/** Pure functions and data of Kubernetes that clients share with the server. */
const kubernetesShared = ['src/engine/kubernetes/apimachinery', 'src/engine/kubernetes/schema'];

export const layers = [
  ['src/engine/world', []],
  ['src/engine/pki', ['src/engine/world']],
  ['src/engine/regex', []],
  ['src/engine/yaml', ['src/engine/world']],
  ['src/engine/gotemplate', ['src/engine/world']],
  ['src/engine/network', bottom],
  ['src/engine/process', [...bottom, 'src/engine/network']],
  ['src/engine/shell', upToProcess],
  ['src/engine/programs', [...upToProcess, 'src/engine/shell']],
  ['src/engine/runtime', [...upToProcess, 'src/engine/shell', 'src/engine/programs']],
  ['src/engine/kubernetes', upToRuntime],
  ['src/engine/docker', upToRuntime],
  ['src/engine/commands', [...upToProcess, 'src/engine/shell', ...kubernetesShared]],
  ['src/topology', ['src/engine']],
  ['src/lessons', ['src/engine']],
  ['src/session', ['src/engine', 'src/lessons', 'src/topology']],
  ['src/headless', ['src/engine', 'src/session', 'src/lessons', 'src/topology']],
  ['src/lib', ['src/engine', 'src/session', 'src/lessons', 'src/topology']],
  ['src/routes', ['src/lib', 'src/engine', 'src/session', 'src/lessons', 'src/topology']],
];

const within = (file, folder) => file === folder || file.startsWith(`${folder}/`);

/** @type {import('eslint').Rule.RuleModule} */
export const layersRule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { up: '{{from}} must not import {{to}} (docs/architecture.md, layers)' },
  },
  create(context) {
    const root = context.cwd;
    const file = path.relative(root, context.filename).replaceAll('\\', '/');
    const row = layers.find(([folder]) => within(file, folder));
    if (!row) return {};
    const [own, allowed] = row;
    const check = (node) => {
      const source = node.source?.value;
      if (typeof source !== 'string') return;
      let target;
      if (source.startsWith('.')) target = path.relative(root, path.resolve(path.dirname(context.filename), source));
      else if (source.startsWith('$lib')) target = source.replace('$lib', 'src/lib');
      else return;
      target = target.replaceAll('\\', '/');
      if (!target.startsWith('src/') || within(target, own) || allowed.some((folder) => within(target, folder))) return;
      context.report({ node, messageId: 'up', data: { from: own, to: target } });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};
