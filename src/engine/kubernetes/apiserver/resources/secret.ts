import { own, setOwn } from '../../../world/index.ts';
import { forbidden, invalid, required, type FieldError } from '../../apimachinery/field-error.ts';
import { isConfigMapKey } from '../../apimachinery/names.ts';
import type { Secret } from '../../types.ts';
import { ageColumn, column, nameColumn } from './common/columns.ts';
import { checkDataSize, checkImmutableData } from './common/data.ts';
import { GoJsonError, parseJson } from '../go-json.ts';
import { decodeBase64, encodeBase64 } from './common/base64.ts';
import { defineKind } from './common/define.ts';
import { checkImmutable, checkName } from './common/validate.ts';
import type { Column } from './kind.ts';

/** Keys that typed Secrets must have. */
const requiredKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
};

export const secret = defineKind<Secret>('', 'v1', 'secrets', {
  defaults(draft) {
    draft.type ||= 'Opaque';
    if (!draft.stringData) return;
    const data: Record<string, string> = { ...draft.data };
    for (const [key, value] of Object.entries(draft.stringData)) setOwn(data, key, encodeBase64(value));
    draft.data = data;
    delete draft.stringData;
  },

  validate({ data = {}, type, metadata }): FieldError[] {
    const errors: FieldError[] = [];
    for (const key of Object.keys(data)) errors.push(...checkName(key, `data[${key}]`, isConfigMapKey));
    errors.push(...checkDataSize({}, data, 'data'));
    for (const key of own(requiredKeys, type ?? '') ?? []) {
      if (data[key] === undefined) errors.push(required(`data[${key}]`));
      else if (key.startsWith('.docker')) {
        const problem = jsonProblem(decodeBase64(data[key]));
        if (problem) errors.push(invalid(`data[${key}]`, '<secret contents redacted>', problem));
      }
    }
    if (type === 'kubernetes.io/basic-auth' && data.username === undefined && data.password === undefined) {
      errors.push(required('data[username]'), required('data[password]'));
    }
    if (
      type === 'kubernetes.io/service-account-token' &&
      !metadata.annotations?.['kubernetes.io/service-account.name']
    ) {
      errors.push(required('metadata.annotations[kubernetes.io/service-account.name]'));
    }
    return errors;
  },

  validateUpdate: (object, old) => [
    ...checkImmutable(object.type, old.type, 'type'),
    ...checkImmutableData(object, old, ['data'], forbidden),
  ],

  selectableFields: { type: ({ type }) => type ?? '' },

  columns: [
    nameColumn as Column<Secret>,
    column('Type', 'What the Secret is for.', ({ type }) => type ?? ''),
    column('Data', 'Number of entries.', ({ data = {} }) => String(Object.keys(data).length)),
    ageColumn as Column<Secret>,
  ],
});

/** What encoding/json says of a text that isn't a JSON object. */
function jsonProblem(text: string): string | undefined {
  try {
    const value = parseJson(text);
    if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined;
    const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
  } catch (error) {
    if (error instanceof GoJsonError) return error.message;
    throw error;
  }
}
