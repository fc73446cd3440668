import { setOwn } from '../../../world/index.ts';
import { forbidden, invalid, required, type FieldError } from '../../apimachinery/field-error.ts';
import { isConfigMapKey } from '../../apimachinery/names.ts';
import type { Secret } from '../../types.ts';
import { ageColumn, column, nameColumn } from './common/columns.ts';
import { checkDataSize, checkImmutableData } from './common/data.ts';
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
    for (const key of requiredKeys[type ?? ''] ?? []) {
      if (data[key] === undefined) errors.push(required(`data[${key}]`));
      else if (key.startsWith('.docker') && !isJson(decodeBase64(data[key]))) {
        errors.push(invalid(`data[${key}]`, '<secret contents redacted>', 'unexpected end of JSON input'));
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

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
