import type { Program } from '../../process/index.ts';
import { privateKeyPem, publicKeyPem } from '../../pki/keys.ts';
import { rsaBits } from '../../pki/rsa.ts';
import { defineTool, ToolError } from '../lib/tool.ts';
import { OpensslCall, OpensslError, type OpensslOptions } from './call.ts';
import { base64, digest, digestNames, rand } from './data.ts';
import { ecparam, genpkey, genrsa } from './generate.ts';
import { req } from './req.ts';
import { verify, x509 } from './x509.ts';

/** openssl(1), as Ubuntu 24.04 and Debian 12 have it (3.0). */

interface Command {
  readonly options: OpensslOptions;
  run(call: OpensslCall): Promise<number>;
}

const flags = <T extends string>(...names: T[]) =>
  Object.fromEntries(names.map((name) => [name, 'flag'])) as Record<T, 'flag'>;
const values = <T extends string>(...names: T[]) =>
  Object.fromEntries(names.map((name) => [name, 'value'])) as Record<T, 'value'>;

const keyOptions = {
  ...values('in', 'out'),
  ...flags('noout', 'pubout', 'check', 'text', 'modulus', 'pubin', 'traditional'),
};

/** openssl-pkey(1), and its older forms rsa and ec. */
async function pkey(call: OpensslCall): Promise<number> {
  if (call.has('pubin') || call.has('text'))
    throw new ToolError(`slipway: openssl ${call.command} -${call.has('pubin') ? 'pubin' : 'text'} is not simulated`);
  const key = await call.readKey(call.value('in'));
  if (call.has('check'))
    await call.tool.write(key.kind === 'RSA' && call.command === 'rsa' ? 'RSA key ok\n' : 'Key is valid\n');
  if (call.has('modulus') && key.kind === 'RSA')
    await call.tool.write(
      `Modulus=${key.n
        .toString(16)
        .toUpperCase()
        .padStart(rsaBits(key) / 4, '0')}\n`,
    );
  if (call.command !== 'pkey' && !call.has('noout'))
    await call.note(`writing ${call.command === 'rsa' ? 'RSA' : 'EC'} key\n`);
  if (!call.has('noout'))
    await call.write(
      call.has('pubout') ? publicKeyPem(key) : privateKeyPem(key, call.has('traditional') || call.command === 'ec'),
      call.value('out'),
      call.has('pubout') ? undefined : 0o600,
    );
  return 0;
}

const version = 'OpenSSL 3.0.13 30 Jan 2024 (Library: OpenSSL 3.0.13 30 Jan 2024)';

const commands: Readonly<Record<string, Command>> = {
  genrsa: { options: { ...values('out'), ...flags('traditional', 'verbose') }, run: genrsa },
  genpkey: { options: values('algorithm', 'pkeyopt', 'out'), run: genpkey },
  ecparam: { options: { ...values('name', 'out'), ...flags('genkey', 'noout') }, run: ecparam },
  rsa: { options: keyOptions, run: pkey },
  ec: { options: keyOptions, run: pkey },
  pkey: { options: keyOptions, run: pkey },
  req: {
    options: {
      ...flags(
        'new',
        'x509',
        'nodes',
        'noenc',
        'text',
        'noout',
        'verify',
        'subject',
        'pubkey',
        'batch',
        'utf8',
        'sha256',
      ),
      ...values(
        'newkey',
        'key',
        'keyout',
        'out',
        'in',
        'subj',
        'days',
        'addext',
        'config',
        'extensions',
        'reqexts',
        'set_serial',
        'pkeyopt',
      ),
    },
    run: req,
  },
  x509: {
    options: {
      ...flags(
        'req',
        'noout',
        'text',
        'subject',
        'issuer',
        'serial',
        'dates',
        'startdate',
        'enddate',
        'fingerprint',
        'pubkey',
        'modulus',
        'sha256',
        'CAcreateserial',
      ),
      ...values(
        'in',
        'out',
        'CA',
        'CAkey',
        'CAserial',
        'days',
        'signkey',
        'key',
        'extfile',
        'extensions',
        'copy_extensions',
        'set_serial',
        'ext',
        'checkend',
      ),
    },
    run: x509,
  },
  verify: { options: values('CAfile', 'trusted', 'untrusted'), run: verify },
  rand: { options: { ...flags('hex', 'base64'), ...values('out') }, run: rand },
  dgst: { options: { ...flags(...digestNames, 'hex', 'r', 'binary'), ...values('out') }, run: digest },
  base64: { options: { ...flags('d', 'e', 'A'), ...values('in', 'out') }, run: base64 },
  enc: { options: { ...flags('base64', 'a', 'd', 'e', 'A'), ...values('in', 'out') }, run: base64 },
  version: {
    options: {},
    run: async (call) => {
      await call.tool.write(`${version}\n`);
      return 0;
    },
  },
};

export const openssl: Program = defineTool(async (tool) => {
  const [name, ...args] = tool.args;
  if (name === undefined) throw new ToolError("slipway: openssl's own prompt is not simulated");
  const asDigest = (digestNames as readonly string[]).includes(name);
  const command = asDigest ? commands.dgst : Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    if (known.includes(name)) throw new ToolError(`slipway: openssl ${name} is not simulated`);
    await tool.process.printError(`Invalid command '${name}'; type "help" for a list.\n`);
    return 1;
  }
  try {
    return await command.run(new OpensslCall(tool, name, asDigest ? [`-${name}`, ...args] : args, command.options));
  } catch (error) {
    if (!(error instanceof OpensslError)) throw error;
    await tool.flush();
    await tool.process.printError(`${error.message}\n`);
    return error.status;
  }
});

/** What the real one has besides. */
const known = [
  'asn1parse',
  'ca',
  'ciphers',
  'cms',
  'crl',
  'dhparam',
  'dsa',
  'help',
  'kdf',
  'list',
  'mac',
  'ocsp',
  'passwd',
  'pkcs12',
  'pkcs7',
  'pkcs8',
  'pkeyutl',
  'prime',
  's_client',
  's_server',
  'smime',
  'speed',
  'ts',
];
