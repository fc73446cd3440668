import { expect, it } from 'vitest';
import { TestApi } from '../../harness.test-support.ts';

async function messages(path: string, object: object): Promise<string> {
  const { json } = await new TestApi().request('POST', path, object);
  return json.message;
}

it('refuses flow schemas and priority levels that cannot work', async () => {
  const flows = '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas';
  const subject = { kind: 'User', user: { name: 'u' } };
  const rule = { subjects: [subject], nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['healthz'] }] };
  expect(
    await messages(flows, {
      metadata: { name: 'f' },
      spec: { matchingPrecedence: 20000, priorityLevelConfiguration: { name: 'exempt' }, rules: [rule] },
    }),
  ).toBe(
    'FlowSchema.flowcontrol.apiserver.k8s.io "f" is invalid: [spec.matchingPrecedence: Invalid value: 20000: must not be greater than 10000, spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "healthz": must start with \'/\']',
  );
  const levels = '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations';
  expect(await messages(levels, { metadata: { name: 'l' }, spec: { type: 'Limited' } })).toContain(
    'spec.limited: Required value: must not be empty when type is Limited',
  );
});

it('refuses devices, drivers and addresses that are none', async () => {
  const claims = '/apis/resource.k8s.io/v1/namespaces/default/resourceclaims';
  expect(
    await messages(claims, { metadata: { name: 'c' }, spec: { devices: { requests: [{ name: 'r' }] } } }),
  ).toContain('spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required');
  const drivers = '/apis/storage.k8s.io/v1/csidrivers';
  expect(await messages(drivers, { metadata: { name: 'd.io' }, spec: { fsGroupPolicy: 'Sometimes' } })).toContain(
    'spec.fsGroupPolicy: Unsupported value: "Sometimes": supported values: "ReadWriteOnceWithFSType", "File", "None"',
  );
  const attachments = '/apis/storage.k8s.io/v1/volumeattachments';
  expect(
    await messages(attachments, { metadata: { name: 'a' }, spec: { attacher: 'd.io', nodeName: 'n', source: {} } }),
  ).toContain('spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName');
  const addresses = '/apis/networking.k8s.io/v1/ipaddresses';
  expect(await messages(addresses, { metadata: { name: '10.0.0.999' }, spec: {} })).toContain(
    'spec.parentRef.resource: Required value',
  );
  const ranges = '/apis/networking.k8s.io/v1/servicecidrs';
  expect(await messages(ranges, { metadata: { name: 'r' }, spec: { cidrs: ['10.1.0.5/24'] } })).toContain(
    'must be in canonical form ("10.1.0.0/24")',
  );
});
