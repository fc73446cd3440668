import type { ServiceAccount } from '../../types.ts';
import { ageColumn, nameColumn } from './common/columns.ts';
import { defineKind } from './common/define.ts';
import type { Column } from './kind.ts';

export const serviceAccount = defineKind<ServiceAccount>('', 'v1', 'serviceaccounts', {
  columns: [nameColumn as Column<ServiceAccount>, ageColumn as Column<ServiceAccount>],
});
