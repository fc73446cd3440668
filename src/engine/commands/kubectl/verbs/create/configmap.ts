import { setOwn } from '../../../../world/index.ts';
import { encodeBase64 } from '../../client/base64.ts';
import { generator, type Draft } from './generator.ts';
import { contentHash } from './hash.ts';
import { dataEntries, dataFlags, utf8 } from './key-files.ts';
import { mappings } from './mappings.ts';

/** `kubectl create configmap`. */
export const createConfigMap = generator({
  use: 'configmap NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]',
  aliases: ['cm'],
  short: 'Create a config map from a local file, directory or literal value',
  long: `Create a config map from a file, a directory or given values.

A file's name becomes the key and its content the value, unless a key is given. Of a directory every file is taken whose name may be a key; subdirectories are not.`,
  examples: `# Every file of the directory bar
kubectl create configmap conf --from-file=path/to/bar

# One file under a key of your choice
kubectl create configmap conf --from-file=key1=file1.txt

# Two values
kubectl create configmap conf --from-literal=key1=config1 --from-literal=key2=config2

# Lines key=value of a file
kubectl create configmap conf --from-env-file=vars.env`,
  flags: dataFlags('config map'),
  mapping: mappings.configMaps,
  failure: 'failed to create configmap: ',
  build: (context, name) => {
    const data: Record<string, string> = {};
    const binaryData: Record<string, string> = {};
    for (const entry of dataEntries(context, `ConfigMap ${JSON.stringify(name)}`)) {
      const text = utf8(entry.data);
      if (text === undefined) setOwn(binaryData, entry.key, encodeBase64(entry.data));
      else setOwn(data, entry.key, text);
    }
    const draft: Draft = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name } };
    if (Object.keys(data).length > 0) draft.data = data;
    if (Object.keys(binaryData).length > 0) draft.binaryData = binaryData;
    if (context.flags.bool('append-hash')) {
      const content: Record<string, unknown> = { data: draft.data ?? '', kind: 'ConfigMap', name };
      if (draft.binaryData) content.binaryData = draft.binaryData;
      draft.metadata.name = `${name}-${contentHash(content)}`;
    }
    return draft;
  },
});
