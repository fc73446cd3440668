import type { IDeviceClass } from 'kubernetes-models/resource.k8s.io/v1/DeviceClass';
import type { IResourceClaim } from 'kubernetes-models/resource.k8s.io/v1/ResourceClaim';
import {
  duplicate,
  invalid,
  notSupported,
  required,
  tooMany,
  type FieldError,
} from '../../../apimachinery/field-error.ts';
import { isDns1123Label, isDns1123Subdomain } from '../../../apimachinery/names.ts';
import { checkRequiredName } from '../common/validate.ts';
import type { Mutable } from '../kind.ts';

/** Rules of device claims and classes (pkg/apis/resource/validation). */

type ClaimSpec = NonNullable<IResourceClaim['spec']>;
type ClassSpec = NonNullable<IDeviceClass['spec']>;
type Request = NonNullable<NonNullable<ClaimSpec['devices']>['requests']>[number];
type Exactly = NonNullable<Request['exactly']>;

const maxRequests = 32;
const maxSubRequests = 8;
const maxSelectors = 32;
const maxExpression = 10 * 1024;

/** SetDefaults_ExactDeviceRequest and its neighbours. */
export function defaultClaim(spec: Mutable<ClaimSpec> | undefined): void {
  for (const request of spec?.devices?.requests ?? []) {
    for (const choice of [request.exactly, ...(request.firstAvailable ?? [])]) {
      if (!choice) continue;
      choice.allocationMode ||= 'ExactCount';
      if (choice.allocationMode === 'ExactCount') choice.count ||= 1;
    }
  }
}

export function validateClaim(spec: ClaimSpec | undefined, at: string): FieldError[] {
  const { requests = [], constraints = [], config = [] } = spec?.devices ?? {};
  const errors: FieldError[] = [];
  const names = new Set<string>();
  if (requests.length > maxRequests) errors.push(tooMany(`${at}.devices.requests`, requests.length, maxRequests));
  requests.forEach((request, i) => {
    const path = `${at}.devices.requests[${i}]`;
    errors.push(...checkRequiredName(request.name, `${path}.name`, isDns1123Label));
    if (names.has(request.name)) errors.push(duplicate(`${path}.name`, request.name));
    names.add(request.name);
    const first = request.firstAvailable ?? [];
    if (request.exactly && first.length > 0) {
      errors.push(
        invalid(path, null, 'exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set'),
      );
    } else if (request.exactly) errors.push(...validateChoice(request.exactly, `${path}.exactly`));
    else if (first.length === 0) {
      errors.push(required(path, 'exactly one of `exactly` or `firstAvailable` is required'));
    } else {
      if (first.length > maxSubRequests) errors.push(tooMany(`${path}.firstAvailable`, first.length, maxSubRequests));
      const own = new Set<string>();
      first.forEach((choice, j) => {
        const below = `${path}.firstAvailable[${j}]`;
        errors.push(...checkRequiredName(choice.name, `${below}.name`, isDns1123Label));
        if (own.has(choice.name)) errors.push(duplicate(`${below}.name`, choice.name));
        own.add(choice.name);
        names.add(`${request.name}/${choice.name}`);
        errors.push(...validateChoice(choice, below));
      });
    }
  });
  const checkReferences = (list: readonly string[] | undefined, path: string) =>
    list?.forEach((name, i) => {
      if (!names.has(name))
        errors.push(
          invalid(
            `${path}[${i}]`,
            name,
            "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
          ),
        );
    });
  constraints.forEach(({ requests: list, matchAttribute }, i) => {
    const path = `${at}.devices.constraints[${i}]`;
    checkReferences(list, `${path}.requests`);
    if (!matchAttribute) errors.push(required(`${path}.matchAttribute`));
    else errors.push(...qualifiedAttribute(matchAttribute, `${path}.matchAttribute`));
  });
  config.forEach(({ requests: list, opaque }, i) => {
    const path = `${at}.devices.config[${i}]`;
    checkReferences(list, `${path}.requests`);
    if (!opaque) errors.push(required(`${path}.opaque`));
    else errors.push(...validateOpaque(opaque, `${path}.opaque`));
  });
  return errors;
}

export function validateDeviceClass(spec: ClassSpec | undefined): FieldError[] {
  const errors = validateSelectors(spec?.selectors, 'spec.selectors');
  spec?.config?.forEach(({ opaque }, i) => {
    const path = `spec.config[${i}].opaque`;
    errors.push(...(opaque ? validateOpaque(opaque, path) : [required(path)]));
  });
  return errors;
}

function validateChoice(choice: Partial<Exactly>, at: string): FieldError[] {
  const { deviceClassName, selectors, allocationMode = '', count = 0 } = choice;
  const errors = checkRequiredName(deviceClassName, `${at}.deviceClassName`, isDns1123Subdomain);
  errors.push(...validateSelectors(selectors, `${at}.selectors`));
  const mode: string = allocationMode;
  if (mode === 'All') {
    if (count !== 0) errors.push(invalid(`${at}.count`, count, "must not be specified when allocationMode is 'All'"));
  } else if (mode === 'ExactCount') {
    if (count <= 0) errors.push(invalid(`${at}.count`, count, 'must be greater than zero'));
  } else errors.push(notSupported(`${at}.allocationMode`, mode, ['All', 'ExactCount']));
  return errors;
}

function validateSelectors(selectors: ClassSpec['selectors'], at: string): FieldError[] {
  const errors: FieldError[] = [];
  if ((selectors?.length ?? 0) > maxSelectors) errors.push(tooMany(at, selectors!.length, maxSelectors));
  selectors?.forEach(({ cel }, i) => {
    const path = `${at}[${i}].cel`;
    if (!cel) errors.push(required(path));
    else if (!cel.expression) errors.push(required(`${path}.expression`));
    else if (cel.expression.length > maxExpression)
      errors.push({
        type: 'FieldValueTooLong',
        field: `${path}.expression`,
        badValue: '',
        detail: `may not be more than ${maxExpression} bytes`,
      });
  });
  return errors;
}

function validateOpaque(opaque: { driver?: string; parameters?: unknown }, at: string): FieldError[] {
  const errors = checkRequiredName(opaque.driver, `${at}.driver`, isDns1123Subdomain);
  if (opaque.parameters === undefined) errors.push(required(`${at}.parameters`));
  return errors;
}

/** `domain/name` in the form of a C identifier (validateFullyQualifiedName). */
function qualifiedAttribute(name: string, at: string): FieldError[] {
  const [domain, id, more] = name.split('/');
  if (id === undefined || more !== undefined)
    return [invalid(at, name, 'must include a domain and a C identifier, separated by a slash')];
  const errors = checkRequiredName(domain, at, isDns1123Subdomain);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(id))
    errors.push(
      invalid(
        at,
        id,
        "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')",
      ),
    );
  return errors;
}
