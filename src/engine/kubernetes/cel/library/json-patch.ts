import type { Environment } from '@marcbachmann/cel-js';

class JsonPatch {}

/** `jsonpatch.escapeKey` (k8s.io/apiserver/pkg/cel/library/jsonpatch.go). */
export function registerJsonPatch(environment: Environment): void {
  environment.registerType('kubernetes.JSONPatch', JsonPatch);
  environment.registerConstant('jsonpatch', 'kubernetes.JSONPatch', new JsonPatch());
  environment.registerFunction('kubernetes.JSONPatch.escapeKey(string): string', (_: JsonPatch, key: string) =>
    key.replaceAll('~', '~0').replaceAll('/', '~1'),
  );
}
