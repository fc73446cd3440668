import { expect, test } from 'vitest';
import { convert, decode, typeForKind } from './index.ts';

const deployment = typeForKind('apps/v1', 'Deployment')!;
const pod = typeForKind('v1', 'Pod')!;
const template = (container: unknown) => ({ spec: { template: { spec: { containers: [container] } } } });

test('unknown fields are dropped and reported with their path', () => {
  const { value, strictErrors } = decode(
    { spec: { replica: 2, ...template({ name: 'c', prots: [] }).spec } },
    deployment,
  );
  expect(strictErrors).toEqual([
    'unknown field "spec.replica"',
    'unknown field "spec.template.spec.containers[0].prots"',
  ]);
  expect(value).toEqual(template({ name: 'c' }));
});

test.each([
  [
    { spec: { replicas: 'two' } },
    'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
  ],
  [{ spec: [] }, 'json: cannot unmarshal array into Go struct field Deployment.spec of type v1.DeploymentSpec'],
  [
    { spec: { replicas: 1.5 } },
    'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
  ],
  [
    template({ env: [{ name: 'P', value: 8080 }] }),
    'json: cannot unmarshal number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string',
  ],
  [
    template({ ports: { containerPort: 80 } }),
    'json: cannot unmarshal object into Go struct field Container.spec.template.spec.containers.ports of type []v1.ContainerPort',
  ],
  [
    { metadata: { labels: { on: true } } },
    'json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string',
  ],
  [template({ resources: { limits: { memory: '100mb' } } }), 'quantities must match the regular expression'],
])('%j is refused in Go words', (input, message) => expect(() => decode(input, deployment)).toThrow(message));

test('maps, base64 and the JSON kind of what was found', () => {
  const configMap = typeForKind('v1', 'ConfigMap')!;
  expect(() => decode({ data: { nested: { a: 'b' } } }, configMap)).toThrow(
    'json: cannot unmarshal object into Go struct field ConfigMap.data of type string',
  );
  expect(() => decode({ data: { pw: 'plaintext' } }, typeForKind('v1', 'Secret')!)).toThrow(
    'illegal base64 data at input byte 8',
  );
});

test('what Go would not encode is left out, pointers are kept', () => {
  const { value } = decode(
    {
      metadata: { labels: {}, name: 'x' },
      spec: {
        hostNetwork: false,
        containers: [{ name: 'c', stdin: false, resources: { limits: { cpu: '1000m' } } }],
        volumes: [{ name: 'v', emptyDir: {} }],
      },
    },
    pod,
  );
  expect(value).toEqual({
    metadata: { name: 'x' },
    spec: { containers: [{ name: 'c', resources: { limits: { cpu: '1' } } }], volumes: [{ name: 'v', emptyDir: {} }] },
  });
  expect(decode({ spec: { replicas: 0 } }, deployment).value).toEqual({ spec: { replicas: 0 } });
});

test('a patched object is refused in the words of the converter', () => {
  expect(() => convert({ spec: { replicas: 'two' } }, deployment)).toThrow('unrecognized type: int32');
  expect(() => convert({ spec: 'x' }, deployment)).toThrow('cannot restore struct from: string');
});
