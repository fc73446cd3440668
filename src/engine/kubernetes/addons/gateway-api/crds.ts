import { toYaml } from '../../../yaml/index.ts';
import { described, type Schema } from './descriptions.ts';
import { gatewayGroup } from './types.ts';

/** CustomResourceDefinitions of the Gateway API's standard channel, as far as controllers here serve them. */

export const bundleVersion = 'v1.4.0';

const text = (more: Schema = {}): Schema => ({ type: 'string', ...more });
const integer = (minimum: number, maximum: number, more: Schema = {}): Schema => ({ type: 'integer', format: 'int32', minimum, maximum, ...more }); // prettier-ignore
const list = (items: Schema, more: Schema = {}): Schema => ({ type: 'array', items, 'x-kubernetes-list-type': 'atomic', ...more }); // prettier-ignore
const listMap = (items: Schema, keys: string[], more: Schema = {}): Schema => ({ type: 'array', items, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys, ...more }); // prettier-ignore
const object = (properties: Schema, required: string[] = [], more: Schema = {}): Schema => ({ type: 'object', properties, ...(required.length > 0 ? { required } : {}), ...more }); // prettier-ignore

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const hostname = text({ minLength: 1, maxLength: 253, pattern: `^(\\*\\.)?${label}(\\.${label})*$` });
const preciseHostname = text({ minLength: 1, maxLength: 253, pattern: `^${label}(\\.${label})*$` });
const namespace = text({ minLength: 1, maxLength: 63, pattern: `^${label}$` });
const sectionName = text({ minLength: 1, maxLength: 253, pattern: `^${label}(\\.${label})*$` });
const name = text({ minLength: 1, maxLength: 253 });
const group = (value: string | undefined): Schema => text({ ...(value === undefined ? {} : { default: value }), maxLength: 253, pattern: `^$|^${label}(\\.${label})*$` }); // prettier-ignore
const kind = (value: string | undefined): Schema => text({ ...(value === undefined ? {} : { default: value }), minLength: 1, maxLength: 63, pattern: '^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$' }); // prettier-ignore
const port = integer(1, 65_535);

const condition = object(
  {
    lastTransitionTime: text({ format: 'date-time' }),
    message: text({ maxLength: 32_768 }),
    observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
    reason: text({ minLength: 1, maxLength: 1024, pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$' }),
    status: text({ enum: ['True', 'False', 'Unknown'] }),
    type: text({ maxLength: 316 }),
  },
  ['lastTransitionTime', 'message', 'reason', 'status', 'type'],
);

const conditions = (types: string[] = []): Schema =>
  listMap(condition, ['type'], {
    maxItems: 8,
    ...(types.length > 0
      ? {
          default: types.map((type) => ({
            lastTransitionTime: '1970-01-01T00:00:00Z',
            message: 'Waiting for controller',
            reason: 'Pending',
            status: 'Unknown',
            type,
          })),
        }
      : {}),
  });

const secretRef = object({ group: group(''), kind: kind('Secret'), name, namespace }, ['name']);
const parentRef = object({ group: group(gatewayGroup), kind: kind('Gateway'), name, namespace, port, sectionName }, [
  'name',
]);

const selector = object({
  matchExpressions: list(object({ key: text(), operator: text(), values: list(text()) }, ['key', 'operator'])),
  matchLabels: { type: 'object', additionalProperties: text() },
});

const listener = object(
  {
    allowedRoutes: object(
      {
        kinds: list(object({ group: group(gatewayGroup), kind: kind(undefined) }, ['kind']), { maxItems: 8 }),
        namespaces: object({ from: text({ default: 'Same', enum: ['All', 'Selector', 'Same'] }), selector }, [], { default: { from: 'Same' } }), // prettier-ignore
      },
      [],
      { default: { namespaces: { from: 'Same' } } },
    ),
    hostname,
    name: sectionName,
    port,
    protocol: text({ minLength: 1, maxLength: 255 }),
    tls: object({
      certificateRefs: list(secretRef, { maxItems: 64 }),
      mode: text({ default: 'Terminate', enum: ['Terminate', 'Passthrough'] }),
      options: { type: 'object', additionalProperties: text(), maxProperties: 16 },
    }),
  },
  ['name', 'port', 'protocol'],
);

const gateway = {
  spec: object(
    {
      addresses: list(object({ type: text({ default: 'IPAddress' }), value: text() }), { maxItems: 16 }),
      gatewayClassName: name,
      infrastructure: object({
        annotations: { type: 'object', additionalProperties: text() },
        labels: { type: 'object', additionalProperties: text() },
        parametersRef: object({ group: group(undefined), kind: kind(undefined), name }, ['group', 'kind', 'name']),
      }),
      listeners: listMap(listener, ['name'], {
        minItems: 1,
        maxItems: 64,
        'x-kubernetes-validations': [
          {
            message: "tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']",
            rule: "self.all(l, l.protocol in ['HTTP', 'TCP', 'UDP'] ? !has(l.tls) : true)",
          },
          {
            message: "hostname must not be specified for protocols ['TCP', 'UDP']",
            rule: "self.all(l, l.protocol in ['TCP', 'UDP'] ? (!has(l.hostname) || l.hostname == '') : true)",
          },
          {
            message: 'Listener name must be unique within the Gateway',
            rule: 'self.all(l1, self.exists_one(l2, l1.name == l2.name))',
          },
          {
            message: 'Combination of port, protocol and hostname must be unique for each listener',
            rule: 'self.all(l1, self.exists_one(l2, l1.port == l2.port && l1.protocol == l2.protocol && (has(l1.hostname) && has(l2.hostname) ? l1.hostname == l2.hostname : !has(l1.hostname) && !has(l2.hostname))))',
          },
        ],
      }),
    },
    ['gatewayClassName', 'listeners'],
  ),
  status: object(
    {
      addresses: list(object({ type: text({ default: 'IPAddress' }), value: text() }, ['value']), { maxItems: 16 }),
      conditions: conditions(['Accepted', 'Programmed']),
      listeners: listMap(
        object(
          {
            attachedRoutes: { type: 'integer', format: 'int32' },
            conditions: conditions(),
            name: sectionName,
            supportedKinds: list(object({ group: group(gatewayGroup), kind: kind(undefined) }, ['kind']), {
              maxItems: 8,
            }),
          },
          ['attachedRoutes', 'conditions', 'name'],
        ),
        ['name'],
        { maxItems: 64 },
      ),
    },
    [],
    { default: { conditions: conditions(['Accepted', 'Programmed'])['default'] } },
  ),
};

const header = object({ name: text({ minLength: 1, maxLength: 256 }), value: text({ minLength: 1, maxLength: 4096 }) }, ['name', 'value']); // prettier-ignore
const headerModifier = object({
  add: listMap(header, ['name'], { maxItems: 16 }),
  remove: list(text(), { maxItems: 16, 'x-kubernetes-list-type': 'set' }),
  set: listMap(header, ['name'], { maxItems: 16 }),
});
const pathModifier = object(
  {
    replaceFullPath: text({ maxLength: 1024 }),
    replacePrefixMatch: text({ maxLength: 1024 }),
    type: text({ enum: ['ReplaceFullPath', 'ReplacePrefixMatch'] }),
  },
  ['type'],
);
const backendFields: Schema = { group: group(''), kind: kind('Service'), name, namespace, port };
const filterTypes = ['RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestMirror', 'RequestRedirect', 'URLRewrite', 'ExtensionRef']; // prettier-ignore
const filter = object(
  {
    extensionRef: object({ group: group(undefined), kind: kind(undefined), name }, ['group', 'kind', 'name']),
    requestHeaderModifier: headerModifier,
    requestMirror: object({ backendRef: object(backendFields, ['name']), percent: integer(0, 100) }, ['backendRef']),
    requestRedirect: object({
      hostname: preciseHostname,
      path: pathModifier,
      port,
      scheme: text({ enum: ['http', 'https'] }),
      statusCode: { type: 'integer', default: 302, enum: [301, 302] },
    }),
    responseHeaderModifier: headerModifier,
    type: text({ enum: filterTypes }),
    urlRewrite: object({ hostname: preciseHostname, path: pathModifier }),
  },
  ['type'],
);
const valueMatch = object(
  { name: text({ minLength: 1, maxLength: 256 }), type: text({ default: 'Exact', enum: ['Exact', 'RegularExpression'] }), value: text({ minLength: 1, maxLength: 4096 }) }, // prettier-ignore
  ['name', 'value'],
);
const everyPath = { path: { type: 'PathPrefix', value: '/' } };
const match = object({
  headers: listMap(valueMatch, ['name'], { maxItems: 16 }),
  method: text({ enum: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'] }),
  path: object(
    { type: text({ default: 'PathPrefix', enum: ['Exact', 'PathPrefix', 'RegularExpression'] }), value: text({ default: '/', maxLength: 1024 }) }, // prettier-ignore
    [],
    {
      default: everyPath.path,
      'x-kubernetes-validations': [
        {
          message: "value must be an absolute path and start with '/' when type one of ['Exact', 'PathPrefix']",
          rule: "(self.type in ['Exact','PathPrefix']) ? self.value.startsWith('/') : true",
        },
        {
          message: "must not contain '//' when type one of ['Exact', 'PathPrefix']",
          rule: "(self.type in ['Exact','PathPrefix']) ? !self.value.contains('//') : true",
        },
      ],
    },
  ),
  queryParams: listMap(valueMatch, ['name'], { maxItems: 16 }),
});
const duration = text({ pattern: '^([0-9]{1,5}(h|m|s|ms)){1,4}$' });
const backendRef = object(
  { ...backendFields, filters: list(filter, { maxItems: 16 }), weight: integer(0, 1_000_000, { default: 1 }) },
  ['name'],
  {
    'x-kubernetes-validations': [
      {
        message: 'Must have port for Service reference',
        rule: "(size(self.group) == 0 && self.kind == 'Service') ? has(self.port) : true",
      },
    ],
  },
);
const parentStatus = object(
  { conditions: conditions(), controllerName: text({ minLength: 1, maxLength: 253 }), parentRef },
  ['conditions', 'controllerName', 'parentRef'],
);
const httpRoute = {
  spec: object({
    hostnames: list(hostname, { maxItems: 16 }),
    parentRefs: list(parentRef, { maxItems: 32 }),
    rules: list(
      object({
        backendRefs: list(backendRef, { maxItems: 16 }),
        filters: list(filter, { maxItems: 16 }),
        matches: list(match, { default: [everyPath], maxItems: 64 }),
        name: sectionName,
        timeouts: object({ backendRequest: duration, request: duration }),
      }),
      { default: [{ matches: [everyPath] }], minItems: 1, maxItems: 16 },
    ),
  }),
  status: object({ parents: list(parentStatus, { maxItems: 32 }) }, ['parents']),
};

const gatewayClass = {
  spec: object(
    {
      controllerName: text({
        minLength: 1,
        maxLength: 253,
        pattern:
          "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\\/[A-Za-z0-9\\/\\-._~%!$&'()*+,;=:]+$",
        'x-kubernetes-validations': [{ message: 'Value is immutable', rule: 'self == oldSelf' }],
      }),
      description: text({ maxLength: 64 }),
      parametersRef: object({ group: group(undefined), kind: kind(undefined), name, namespace }, [
        'group',
        'kind',
        'name',
      ]),
    },
    ['controllerName'],
  ),
  status: object(
    { conditions: conditions(['Accepted']), supportedFeatures: listMap(object({ name: text() }, ['name']), ['name'], { maxItems: 64 }) }, // prettier-ignore
    [],
    { default: { conditions: conditions(['Accepted'])['default'] } },
  ),
};

const referenceGrant = {
  spec: object(
    {
      from: list(object({ group: group(undefined), kind: kind(undefined), namespace }, ['group', 'kind', 'namespace']), { minItems: 1, maxItems: 16 }), // prettier-ignore
      to: list(object({ group: group(undefined), kind: kind(undefined), name }, ['group', 'kind']), { minItems: 1, maxItems: 16 }), // prettier-ignore
    },
    ['from', 'to'],
  ),
};

interface Definition {
  kind: string;
  plural: string;
  shortNames: string[];
  cluster?: true;
  versions: string[];
  columns: { name: string; jsonPath: string; type?: string; priority?: number }[];
  schema: Schema;
}

const status = (type: string) => `.status.conditions[?(@.type=="${type}")].status`;
const age = { name: 'Age', jsonPath: '.metadata.creationTimestamp', type: 'date' };

const definitions: readonly Definition[] = [
  {
    kind: 'GatewayClass',
    plural: 'gatewayclasses',
    shortNames: ['gc'],
    cluster: true,
    versions: ['v1', 'v1beta1'],
    columns: [
      { name: 'Controller', jsonPath: '.spec.controllerName' },
      { name: 'Accepted', jsonPath: status('Accepted') },
      age,
      { name: 'Description', jsonPath: '.spec.description', priority: 1 },
    ],
    schema: gatewayClass,
  },
  {
    kind: 'Gateway',
    plural: 'gateways',
    shortNames: ['gtw'],
    versions: ['v1', 'v1beta1'],
    columns: [
      { name: 'Class', jsonPath: '.spec.gatewayClassName' },
      { name: 'Address', jsonPath: '.status.addresses[*].value' },
      { name: 'Programmed', jsonPath: status('Programmed') },
      age,
    ],
    schema: gateway,
  },
  {
    kind: 'HTTPRoute',
    plural: 'httproutes',
    shortNames: [],
    versions: ['v1', 'v1beta1'],
    columns: [{ name: 'Hostnames', jsonPath: '.spec.hostnames' }, age],
    schema: httpRoute,
  },
  {
    kind: 'ReferenceGrant',
    plural: 'referencegrants',
    shortNames: ['refgrant'],
    versions: ['v1beta1'],
    columns: [age],
    schema: referenceGrant,
  },
];

/** `standard-install.yaml` of a release. */
export function gatewayApiManifest(version = bundleVersion): string {
  return definitions.map((definition) => toYaml(resourceDefinition(definition, version))).join('---\n');
}

function resourceDefinition(
  { kind: own, plural, shortNames, cluster, versions, columns, schema }: Definition,
  bundle: string,
): Schema {
  // prettier-ignore
  const openAPIV3Schema = object(
    { apiVersion: text(), kind: text(), metadata: { type: 'object' }, ...(described({ properties: schema })['properties'] as Schema) },
    schema === referenceGrant ? [] : ['spec'],
  );
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${gatewayGroup}`,
      annotations: {
        'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api/pull/3328',
        'gateway.networking.k8s.io/bundle-version': bundle,
        'gateway.networking.k8s.io/channel': 'standard',
      },
    },
    spec: {
      group: gatewayGroup,
      names: {
        categories: ['gateway-api'],
        kind: own,
        listKind: `${own}List`,
        plural,
        ...(shortNames.length > 0 ? { shortNames } : {}),
        singular: own.toLowerCase(),
      },
      scope: cluster ? 'Cluster' : 'Namespaced',
      versions: versions.map((version, i) => ({
        additionalPrinterColumns: columns.map(({ type = 'string', ...column }) => ({ ...column, type })),
        name: version,
        schema: { openAPIV3Schema },
        served: true,
        storage: i === 0,
        ...('status' in schema ? { subresources: { status: {} } } : {}),
      })),
    },
  };
}
