import { certificatePem, createCertificate } from '../../../pki/certificate.ts';
import { basicConstraints, subjectAltName } from '../../../pki/extensions.ts';
import { generateCurveKey, privateKeyPem } from '../../../pki/keys.ts';
import type { Program } from '../../../process/index.ts';
import { base64 } from '../../../programs/net/lib.ts';
import { goFlags } from '../../../programs/servers/service.ts';
import { ApiError, type Client } from '../../client.ts';
import { refs, type Draft, type KubeObject, type ResourceRef, type Secret } from '../../types.ts';

interface WebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly { readonly clientConfig: Record<string, unknown>; readonly failurePolicy?: string }[];
}

const webhookConfigurations: ResourceRef<WebhookConfiguration> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  resource: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
  namespaced: false,
};

const p256 = '1.2.840.10045.3.1.7';
const commonName = '2.5.4.3';
const century = 100 * 365 * 86_400_000;

/** kube-webhook-certgen: makes the webhook's certificate (`create`) and tells the API server its CA (`patch`). */
export function certgenProgram(client: Client): Program {
  return async (process) => {
    const [, command = ''] = process.argv;
    const { flags } = goFlags(process.argv.slice(2));
    const namespace = flags.get('namespace') ?? 'default';
    const name = flags.get('secret-name') ?? '';
    const log = (level: string, msg: string) =>
      process.printError(`${JSON.stringify({ level, msg, time: new Date(process.world.clock.now()).toISOString().replace(/\.\d+Z/, 'Z') })}\n`); // prettier-ignore
    const own = client.as({ manager: 'kube-webhook-certgen', user: `system:serviceaccount:${namespace}:ingress-nginx-admission` }); // prettier-ignore
    await log(
      'warning',
      'Neither --kubeconfig nor --master was specified.  Using the inClusterConfig.  This might not work.',
    );
    const secrets = own.resource(refs.secrets);
    const existing = secrets.get(namespace, name);
    try {
      if (command === 'create') {
        if (existing) return await log('info', 'secret already exists').then(() => 0);
        await log('info', 'no secret found');
        const random = process.world.random.stream(`certgen/${process.machine.hostname}`);
        const data = certificates((flags.get('host') ?? '').split(','), process.world.clock.now(), (n) => Uint8Array.from({ length: n }, () => random.int(256))); // prettier-ignore
        await log('info', 'creating new secret');
        secrets.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type: 'Opaque', data } as unknown as Draft<Secret>); // prettier-ignore
        return 0;
      }
      if (command === 'patch') {
        const ca = (existing?.data as Record<string, string> | undefined)?.['ca'];
        if (ca === undefined) return await log('fatal', `no secret with '${name}' in '${namespace}'`).then(() => 1);
        const webhook = flags.get('webhook-name') ?? '';
        await log('info', `patching webhook configurations '${webhook}' mutating=false, validating=true, failurePolicy=${flags.get('patch-failure-policy') ?? ''}`); // prettier-ignore
        const configurations = own.resource(webhookConfigurations);
        const configuration = configurations.get(undefined, webhook);
        if (!configuration)
          return await log('fatal', `validatingwebhookconfigurations.admissionregistration.k8s.io "${webhook}" not found`).then(() => 1); // prettier-ignore
        const webhooks = (configuration.webhooks ?? []).map((one) => ({
          ...one,
          failurePolicy: flags.get('patch-failure-policy') ?? one.failurePolicy ?? 'Fail',
          clientConfig: { ...one.clientConfig, caBundle: ca },
        }));
        configurations.update({ ...configuration, webhooks });
        await log('info', 'Patched hook(s)');
        return 0;
      }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      await log('fatal', error.message);
      return 1;
    }
    await process.printError(`Error: unknown command "${command}" for "kube-webhook-certgen"\n`);
    return 1;
  };
}

function certificates(
  hosts: readonly string[],
  now: number,
  random: (bytes: number) => Uint8Array,
): Record<string, string> {
  const second = Math.floor(now / 1000) * 1000;
  const validity = { notBefore: second - 300_000, notAfter: second + century };
  const [caKey, key] = [generateCurveKey(p256, random), generateCurveKey(p256, random)];
  const issuer = [{ type: '2.5.4.10', value: 'nil1' }];
  const serial = () => BigInt(`0x1${[...random(8)].map((b) => b.toString(16).padStart(2, '0')).join('')}`);
  const ca = createCertificate(
    {
      serial: serial(),
      issuer,
      subject: issuer,
      ...validity,
      publicKey: caKey,
      extensions: [basicConstraints(true, true)],
    },
    caKey,
  );
  const names = hosts.map((value) => ({ kind: 'DNS' as const, value }));
  const subject = [{ type: commonName, value: hosts[0] ?? '' }];
  const cert = createCertificate(
    { serial: serial(), issuer, subject, ...validity, publicKey: key, extensions: [subjectAltName(names)] },
    caKey,
  );
  return { ca: base64(certificatePem(ca)), cert: base64(certificatePem(cert)), key: base64(privateKeyPem(key, true)) };
}
