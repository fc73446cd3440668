import type { FieldType, StructType } from '../schema/index.ts';
import { CelEnvironment, CelError } from './environment.ts';
import { registerAuthorizer } from './library/authorizer.ts';
import { isSureTypeError, objectType } from './type-errors.ts';

/** Types of what policies name, where the kinds they match are known (validating.TypeChecker): for warnings only. */

type Environment = Parameters<Parameters<CelEnvironment['extend']>[0]>[0];

const environments = new WeakMap<StructType, CelEnvironment>();

/** What is wrong with an expression if `object` is of the type, in cel-go's words; undefined if nothing is. */
export function policyTypeError(expression: string, object: StructType): string | undefined {
  let environment = environments.get(object);
  if (!environment) {
    environment = new CelEnvironment(['request', 'params', 'namespaceObject', 'variables'])
      .extend(registerAuthorizer)
      .extend((made) => {
        const type = declare(made, { kind: 'struct', struct: object }, new Map());
        made.registerVariable('object', type);
        made.registerVariable('oldObject', type);
      });
    environments.set(object, environment);
  }
  try {
    environment.compile(expression);
    return undefined;
  } catch (error) {
    if (error instanceof CelError) return isSureTypeError(error) ? error.message : undefined;
    throw error;
  }
}

const scalars: Readonly<Record<string, string>> = {
  string: 'string',
  int32: 'int',
  int64: 'int',
  double: 'double',
  boolean: 'bool',
  time: 'google.protobuf.Timestamp',
  microTime: 'google.protobuf.Timestamp',
};

/** @param known names of structs that are declared, `dyn` for those that are on the way (schemas contain themselves) */
function declare(environment: Environment, type: FieldType, known: Map<string, string>): string {
  if (type.kind === 'list') return `list<${declare(environment, type.items, known)}>`;
  if (type.kind === 'map') return `map<string, ${declare(environment, type.items, known)}>`;
  if (type.kind !== 'struct') return scalars[type.kind] ?? 'dyn';
  const { struct } = type;
  const done = known.get(struct.name);
  if (done) return done;
  known.set(struct.name, 'dyn');
  const fields: Record<string, string> = {};
  for (const field of struct.fields.values()) fields[field.name] = declare(environment, field.type, known);
  const name = `${objectType}.${struct.name.replace(/[^A-Za-z0-9_]+/g, '.')}`;
  environment.registerType({ name, fields });
  known.set(struct.name, name);
  return name;
}
