import { curveNamed, ed25519Oid, generateCurveKey, privateKeyPem, type PrivateKey } from '../../pki/keys.ts';
import { generateRsaKey, type RsaPrivateKey } from '../../pki/rsa.ts';
import { ToolError } from '../lib/tool.ts';
import { OpensslError, type OpensslCall } from './call.ts';

/** Making keys: genrsa, genpkey, ecparam, and `-newkey` of req. */

/** Virtual ms that a candidate for a prime costs. */
const candidateCost = 1;

/** @param progress shows the dots and crosses of the search on stderr */
export async function makeRsaKey(call: OpensslCall, bits: number, progress: boolean): Promise<RsaPrivateKey> {
  if (bits < 512 || bits > 4096)
    throw bits > 4096
      ? new ToolError('slipway: RSA keys of more than 4096 bits are not simulated')
      : new OpensslError(`${call.command}: Error setting RSA length\nkey size too small`);
  const search = generateRsaKey(bits, call.random);
  for (;;) {
    const step = search.next();
    if (step.done) return step.value;
    if (progress) await call.note(step.value);
    await call.tool.process.cpu(candidateCost);
  }
}

/** A key as `-newkey` and `-algorithm` name it: `rsa:2048`, `ec`, `ed25519`. @param options of `-pkeyopt` */
export async function makeKey(call: OpensslCall, name: string, options: readonly string[]): Promise<PrivateKey> {
  const [algorithm = '', size] = name.split(':');
  const settings = new Map(
    options.map((option): [string, string] => {
      const [key = '', value = ''] = option.split(/:(.*)/s);
      return [key, value];
    }),
  );
  switch (algorithm.toLowerCase()) {
    case 'rsa':
    case 'rsaencryption':
      return makeRsaKey(call, Number(size ?? settings.get('rsa_keygen_bits') ?? 2048), true);
    case 'ec':
      return curveKey(call, settings.get('ec_paramgen_curve'));
    case 'ed25519':
      return generateCurveKey(ed25519Oid, call.random);
    case 'dsa':
    case 'dh':
    case 'x25519':
    case 'x448':
    case 'ed448':
    case 'rsa-pss':
      throw new ToolError(`slipway: ${algorithm} keys are not simulated`);
    default:
      throw new OpensslError(`${call.command}: Error initializing ${algorithm} context`);
  }
}

function curveKey(call: OpensslCall, name: string | undefined): PrivateKey {
  const curve = name === undefined ? undefined : curveNamed(name);
  if (!curve)
    throw name === undefined
      ? new OpensslError(`${call.command}: Error generating EC key\nno parameters set`)
      : new ToolError(`slipway: the curve ${name} is not simulated`);
  return generateCurveKey(curve.oid, call.random);
}

export async function genrsa(call: OpensslCall): Promise<number> {
  const size = call.operands[0] ?? '2048';
  if (!/^\d+$/.test(size)) throw call.wrong(`Can't parse "${size}" as a number`);
  const key = await makeRsaKey(call, Number(size), call.has('verbose'));
  await call.write(privateKeyPem(key, call.has('traditional')), call.value('out'), 0o600);
  return 0;
}

export async function genpkey(call: OpensslCall): Promise<number> {
  const algorithm = call.value('algorithm');
  if (algorithm === undefined) throw call.wrong('No algorithm or parameters specified');
  const key = await makeKey(call, algorithm, call.values('pkeyopt'));
  await call.write(privateKeyPem(key), call.value('out'), 0o600);
  return 0;
}

export async function ecparam(call: OpensslCall): Promise<number> {
  if (!call.has('genkey')) throw new ToolError('slipway: openssl ecparam without -genkey is not simulated');
  const key = curveKey(call, call.value('name'));
  await call.write(privateKeyPem(key, true), call.value('out'), 0o600);
  return 0;
}
