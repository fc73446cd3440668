import { toYaml } from '../../../yaml/index.ts';
import { kindGroup, parseGroupVersion, type ApiObject } from '../client/types.ts';
import { toKyaml } from './kyaml.ts';
import { printJson } from './json.ts';
import { itemsOf, type Printer } from './printer.ts';

/**
 * `-o json`, `-o yaml` and `-o kyaml`; managed fields only on request.
 * @param typed JSON keeps the order of the API's types, which the object's keys are in
 */
export function dataPrinter(format: 'json' | 'yaml' | 'kyaml', showManagedFields: boolean, typed = false): Printer {
  let printed = 0;
  return {
    print(object) {
      const shown = showManagedFields ? object : withoutManagedFields(object);
      if (format === 'json') return printJson(shown, typed);
      const separator = printed++ > 0 && format === 'yaml' ? '---\n' : '';
      return separator + (format === 'yaml' ? toYaml(shown) : toKyaml(shown));
    },
  };
}

function withoutManagedFields(object: ApiObject): ApiObject {
  if (Array.isArray(object.items) && object.kind.endsWith('List'))
    return { ...object, items: (object.items as ApiObject[]).map(withoutManagedFields) };
  if (object.metadata?.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** `pod/alpha`, or `pod/alpha created` with an operation (printers.NamePrinter). */
export function namePrinter(operation = ''): Printer {
  return {
    print: (object) =>
      itemsOf(object)
        .map((item) => `${objectName(item)}${operation === '' ? '' : ` ${operation}`}\n`)
        .join(''),
  };
}

/** `deployment.apps/web`. */
export function objectName(object: ApiObject): string {
  const { group } = parseGroupVersion(object.apiVersion);
  return `${kindGroup({ group, kind: object.kind })}/${object.metadata?.name ?? ''}`;
}
