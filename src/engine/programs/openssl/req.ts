import { bigIntOf } from '../../pki/der.ts';
import { certificatePem, createCertificate } from '../../pki/certificate.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  subjectKeyIdentifier,
  type Extension,
} from '../../pki/extensions.ts';
import { privateKeyPem, publicKeyPem, type PrivateKey } from '../../pki/keys.ts';
import { attributeType, formatName, type NameAttribute } from '../../pki/names.ts';
import { createRequest, isSelfSigned, readRequest } from '../../pki/request.ts';
import { Lines, ToolError } from '../lib/tool.ts';
import { OpensslError, type OpensslCall } from './call.ts';
import { makeKey } from './generate.ts';
import { extensionOf, extensionsOf, mergeExtensions, parseSections, parseSubject, type Sections } from './settings.ts';
import { requestText } from './text.ts';

const day = 86_400_000;

/** openssl-req(1): makes requests and self-signed certificates, and shows requests. */
export async function req(call: OpensslCall): Promise<number> {
  const making = call.has('new') || call.has('newkey') || call.has('x509');
  return making ? make(call) : show(call);
}

async function make(call: OpensslCall): Promise<number> {
  const config = call.value('config');
  const sections = parseSections(config === undefined ? '' : await call.read(config, 'config'));
  const settings = sections.get('req') ?? new Map<string, string>();
  const key = await keyOf(call, settings);
  const subject = await subjectOf(call, sections, settings);
  const selfSigned = call.has('x509');
  const context = { subjectKey: key, issuerKey: key, sections };
  const named =
    call.value('extensions') ??
    call.value('reqexts') ??
    settings.get(selfSigned ? 'x509_extensions' : 'req_extensions');
  const section = named === undefined ? undefined : sections.get(named);
  if (named !== undefined && !section) throw new OpensslError(`Error checking extension section ${named}`);
  const added = call.values('addext').flatMap((text) => {
    const [name = '', value = ''] = text.split(/\s*=(.*)/s);
    return extensionOf(name.trim(), value.trim(), context) ?? [];
  });
  const fromConfig = section ? extensionsOf(section, context) : [];
  if (!selfSigned) {
    await call.write(createRequest(subject, key, mergeExtensions(fromConfig, added)), call.value('out'));
    return 0;
  }
  const usual: Extension[] =
    config === undefined ? [subjectKeyIdentifier(key), authorityKeyIdentifier(key), basicConstraints(true, true)] : [];
  const der = createCertificate(
    {
      serial: serialOf(call),
      issuer: subject,
      subject,
      notBefore: call.now,
      notAfter: call.now + (call.number('days') ?? 30) * day,
      publicKey: key,
      extensions: mergeExtensions(usual, fromConfig, added),
    },
    key,
  );
  await call.write(certificatePem(der), call.value('out'));
  return 0;
}

export function serialOf(call: OpensslCall): bigint {
  const given = call.value('set_serial');
  if (given !== undefined) return BigInt(given);
  const bytes = call.random(20);
  bytes[0]! &= 0x7f;
  return bigIntOf(bytes) | 1n;
}

async function keyOf(call: OpensslCall, settings: ReadonlyMap<string, string>): Promise<PrivateKey> {
  const file = call.value('key');
  if (file !== undefined) return call.readKey(file);
  if (!call.has('nodes') && !call.has('noenc') && settings.get('encrypt_key') !== 'no')
    throw new ToolError('slipway: private keys with a pass phrase are not simulated; add -nodes');
  const named = call.value('newkey') ?? `rsa:${settings.get('default_bits') ?? 2048}`;
  const key = await makeKey(call, named, call.values('pkeyopt'));
  if (key.kind === 'RSA') await call.note('-----\n');
  const keyout = call.value('keyout') ?? settings.get('default_keyfile') ?? 'privkey.pem';
  await call.write(privateKeyPem(key), keyout, 0o600);
  return key;
}

/** What is asked for when no `-subj` is given, with the usual answers of Debian's openssl.cnf. */
const questions: readonly (readonly [type: string, question: string, answer: string])[] = [
  ['C', 'Country Name (2 letter code)', 'AU'],
  ['ST', 'State or Province Name (full name)', 'Some-State'],
  ['L', 'Locality Name (eg, city)', ''],
  ['O', 'Organization Name (eg, company)', 'Internet Widgits Pty Ltd'],
  ['OU', 'Organizational Unit Name (eg, section)', ''],
  ['CN', 'Common Name (e.g. server FQDN or YOUR name)', ''],
  ['emailAddress', 'Email Address', ''],
];

async function subjectOf(
  call: OpensslCall,
  sections: Sections,
  settings: ReadonlyMap<string, string>,
): Promise<NameAttribute[]> {
  const given = call.value('subj');
  if (given !== undefined) return parseSubject(given, call.command);
  const named = sections.get(settings.get('distinguished_name') ?? '');
  if (named && settings.get('prompt') === 'no')
    return [...named].flatMap(([name, value]) => {
      const type = attributeType(name.replace(/^\d+\./, ''));
      return type ? [{ type, value }] : [];
    });
  if (named)
    throw new ToolError('slipway: questions from a configuration file are not simulated; add -subj or prompt = no');
  const input = new Lines(call.tool, call.tool.process.stdin).each();
  const attributes: NameAttribute[] = [];
  for (const [name, question, usual] of questions) {
    await call.note(`${question} [${usual}]:`);
    const { value: line, done } = await input.next();
    if (done) throw new OpensslError(`${call.command}: Error making certificate request`);
    const answer = line === '' ? usual : line;
    if (answer !== '' && answer !== '.') attributes.push({ type: attributeType(name)!, value: answer });
  }
  for (const question of ['A challenge password', 'An optional company name']) {
    await call.note(`${question} []:`);
    await input.next();
  }
  return attributes;
}

async function show(call: OpensslCall): Promise<number> {
  const text = await call.read(call.value('in'), 'certificate request');
  let request;
  try {
    request = readRequest(text);
  } catch {
    throw new OpensslError(`Unable to load X509 request from ${call.value('in') ?? '<stdin>'}`);
  }
  let out = '';
  if (call.has('text')) out += requestText(request);
  for (const name of call.names()) {
    if (name === 'pubkey') out += publicKeyPem(request.publicKey);
    if (name === 'subject') out += `subject=${formatName(request.subject)}\n`;
  }
  let status = 0;
  if (call.has('verify')) {
    const good = isSelfSigned(request);
    await call.note(
      good ? 'Certificate request self-signature verify OK\n' : 'Certificate request self-signature verify failure\n',
    );
    status = good ? 0 : 1;
  }
  if (!call.has('noout')) out += `${text.trimEnd()}\n`;
  await call.write(out, call.value('out'));
  return status;
}
