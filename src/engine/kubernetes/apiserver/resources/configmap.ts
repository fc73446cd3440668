import { forbidden, invalid, type FieldError } from '../../apimachinery/field-error.ts';
import { isConfigMapKey } from '../../apimachinery/names.ts';
import type { ConfigMap } from '../../types.ts';
import { ageColumn, column, nameColumn } from './common/columns.ts';
import { checkDataSize, checkImmutableData } from './common/data.ts';
import { defineKind } from './common/define.ts';
import { checkName } from './common/validate.ts';
import type { Column } from './kind.ts';

export const configMap = defineKind<ConfigMap>('', 'v1', 'configmaps', {
  validate({ data = {}, binaryData = {} }): FieldError[] {
    const errors: FieldError[] = [];
    for (const key of Object.keys(data)) {
      errors.push(...checkName(key, `data[${key}]`, isConfigMapKey));
      if (Object.hasOwn(binaryData, key))
        errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    }
    for (const key of Object.keys(binaryData)) errors.push(...checkName(key, `binaryData[${key}]`, isConfigMapKey));
    errors.push(...checkDataSize(data, binaryData, ''));
    return errors;
  },

  validateUpdate: (object, old) => checkImmutableData(object, old, ['data', 'binaryData'], forbidden),

  columns: [
    nameColumn as Column<ConfigMap>,
    column('Data', 'Number of entries.', ({ data = {}, binaryData = {} }) =>
      String(Object.keys(data).length + Object.keys(binaryData).length),
    ),
    ageColumn as Column<ConfigMap>,
  ],
});
