import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesOf } from '../../pki/der.ts';
import {
  certificatePem,
  createCertificate,
  isSignedBy,
  readCertificates,
  type Certificate,
} from '../../pki/certificate.ts';
import { extensionTypes } from '../../pki/extensions.ts';
import { publicKeyPem, samePublicKey } from '../../pki/keys.ts';
import { formatName, valuesOf } from '../../pki/names.ts';
import { isSelfSigned, readRequest } from '../../pki/request.ts';
import { rsaBits } from '../../pki/rsa.ts';
import { openInput } from '../../process/index.ts';
import { FsError } from '../../world/index.ts';
import { OpensslError, type OpensslCall } from './call.ts';
import { serialOf } from './req.ts';
import { extensionsOf, mergeExtensions, parseSections } from './settings.ts';
import { certificateText, extensionByName, extensionText, formatTime, hex } from './text.ts';

const day = 86_400_000;

/** openssl-x509(1): shows certificates, and signs requests as a small CA. */
export async function x509(call: OpensslCall): Promise<number> {
  return call.has('req') ? signRequest(call) : show(call);
}

async function readOne(call: OpensslCall, path: string | undefined, what: string): Promise<Certificate> {
  const text = await call.read(path, what);
  let certificate: Certificate | undefined;
  try {
    [certificate] = readCertificates(text);
  } catch {
    certificate = undefined;
  }
  if (!certificate) throw new OpensslError(`Could not find ${what} from ${path ?? '<stdin>'}`);
  return certificate;
}

async function signRequest(call: OpensslCall): Promise<number> {
  const path = call.value('in');
  const text = await call.read(path, 'certificate request');
  let request;
  try {
    request = readRequest(text);
  } catch {
    throw new OpensslError(`Unable to load X509 request from ${path ?? '<stdin>'}`);
  }
  if (!isSelfSigned(request)) throw new OpensslError('Certificate request self-signature did not match the contents');
  await call.note(`Certificate request self-signature ok\nsubject=${formatName(request.subject)}\n`);
  const own = call.value('signkey') ?? call.value('key');
  const caPath = call.value('CA');
  if (own === undefined && caPath === undefined)
    throw new OpensslError('We need a private key to sign with, use -key or -CA or -CAkey with private key');
  const ca = caPath === undefined ? undefined : await readOne(call, caPath, 'issuer certificate');
  const key = await call.readKey(ca ? (call.value('CAkey') ?? caPath) : own, ca ? 'issuer private key' : 'private key');
  if (ca && !samePublicKey(ca.publicKey, key)) throw new OpensslError('CA certificate and CA private key do not match');

  const extfile = call.value('extfile');
  const sections = parseSections(extfile === undefined ? '' : await call.read(extfile, 'config'));
  const name = call.value('extensions') ?? sections.get('default')?.get('extensions') ?? 'default';
  const section = sections.get(name);
  if (!section) throw new OpensslError(`Error checking extension section ${name}`);
  const context = { subjectKey: request.publicKey, issuerKey: key, sections };
  const copied = /^copy/.test(call.value('copy_extensions') ?? '') ? request.extensions : [];
  const extensions = mergeExtensions(copied, extfile === undefined ? [] : extensionsOf(section, context));
  const der = createCertificate(
    {
      serial: serialOf(call),
      issuer: ca ? ca.subject : request.subject,
      subject: request.subject,
      notBefore: call.now,
      notAfter: call.now + (call.number('days') ?? 30) * day,
      publicKey: request.publicKey,
      extensions,
    },
    key,
    extensions.length > 0 ? 3 : 1,
  );
  await call.write(certificatePem(der), call.value('out'));
  return 0;
}

async function show(call: OpensslCall): Promise<number> {
  const certificate = await readOne(call, call.value('in'), 'certificate');
  const { subject, issuer, serial, notBefore, notAfter, publicKey, extensions, der } = certificate;
  let out = '';
  let status = 0;
  if (call.has('text')) out += certificateText(certificate);
  for (const name of call.names())
    switch (name) {
      case 'subject':
        out += `subject=${formatName(subject)}\n`;
        break;
      case 'issuer':
        out += `issuer=${formatName(issuer)}\n`;
        break;
      case 'serial':
        out += `serial=${hex(bytesOf(serial), '', true)}\n`;
        break;
      case 'dates':
        out += `notBefore=${formatTime(notBefore)}\nnotAfter=${formatTime(notAfter)}\n`;
        break;
      case 'startdate':
        out += `notBefore=${formatTime(notBefore)}\n`;
        break;
      case 'enddate':
        out += `notAfter=${formatTime(notAfter)}\n`;
        break;
      case 'fingerprint': {
        const digest = call.has('sha256') ? (['sha256', sha256] as const) : (['sha1', sha1] as const);
        out += `${digest[0]} Fingerprint=${hex(digest[1](der), ':', true)}\n`;
        break;
      }
      case 'pubkey':
        out += publicKeyPem(publicKey);
        break;
      case 'modulus':
        out +=
          publicKey.kind === 'RSA'
            ? `Modulus=${publicKey.n
                .toString(16)
                .toUpperCase()
                .padStart(rsaBits(publicKey) / 4, '0')}\n`
            : 'Wrong Algorithm type\n';
        break;
      case 'ext':
        for (const wanted of call.value('ext')!.split(','))
          for (const extension of extensions)
            if (extension.type === (extensionByName[wanted] ?? wanted)) out += extensionText(extension, '');
        if (out === '') await call.note('No extensions matching in certificate\n');
        break;
      case 'checkend': {
        const ends = notAfter <= call.now + call.number('checkend')! * 1000;
        out += ends ? 'Certificate will expire\n' : 'Certificate will not expire\n';
        status = ends ? 1 : 0;
        break;
      }
    }
  if (!call.has('noout')) out += certificatePem(der);
  await call.write(out, call.value('out'));
  return status;
}

/** openssl-verify(1): builds the chain to a trusted certificate. */
export async function verify(call: OpensslCall): Promise<number> {
  const trusted = [...(await all(call, call.value('CAfile'))), ...(await all(call, call.value('trusted')))];
  const helpers = (await Promise.all(call.values('untrusted').map((file) => all(call, file)))).flat();
  let status = 0;
  for (const file of call.operands.length > 0 ? call.operands : [undefined]) {
    const name = file ?? 'stdin';
    const problem = chainProblem(await readOne(call, file, 'certificate file'), trusted, helpers, call.now);
    if (!problem) await call.tool.write(`${name}: OK\n`);
    else {
      status = 2;
      await call.note(
        `${formatName(problem.certificate.subject)}\nerror ${problem.code} at ${problem.depth} depth lookup: ${problem.message}\nerror ${name}: verification failed\n`,
      );
    }
  }
  return status;
}

async function all(call: OpensslCall, path: string | undefined): Promise<Certificate[]> {
  if (path === undefined) return [];
  try {
    const reader = openInput(call.tool.process, path);
    return readCertificates(await call.tool.readText(reader));
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    throw new OpensslError(`Error loading file ${path}`, 1);
  }
}

interface ChainProblem {
  readonly certificate: Certificate;
  readonly depth: number;
  readonly code: number;
  readonly message: string;
}

/** What the first check that fails says (openssl-verification-options(1)). @param now Unix ms */
function chainProblem(
  leaf: Certificate,
  trusted: readonly Certificate[],
  helpers: readonly Certificate[],
  now: number,
): ChainProblem | undefined {
  const chain = [leaf];
  for (let depth = 0; depth < 10; depth++) {
    const certificate = chain[depth]!;
    const problem = (code: number, message: string): ChainProblem => ({ certificate, depth, code, message });
    const isTrusted = trusted.some(({ der }) => String(der) === String(certificate.der));
    const signs = (issuer: Certificate) =>
      formatName(issuer.subject) === formatName(certificate.issuer) && isSignedBy(certificate, issuer.publicKey);
    const selfIssued = formatName(certificate.subject) === formatName(certificate.issuer);
    if (!isTrusted) {
      const issuer = trusted.find(signs) ?? helpers.find(signs);
      if (!issuer)
        return selfIssued && isSignedBy(certificate, certificate.publicKey)
          ? problem(
              depth === 0 ? 18 : 19,
              depth === 0 ? 'self-signed certificate' : 'self-signed certificate in certificate chain',
            )
          : problem(20, 'unable to get local issuer certificate');
      if (!isAuthority(issuer))
        return { certificate: issuer, depth: depth + 1, code: 79, message: 'invalid CA certificate' };
      chain.push(issuer);
    }
    if (certificate.notBefore > now) return problem(9, 'certificate is not yet valid');
    if (certificate.notAfter < now) return problem(10, 'certificate has expired');
    if (isTrusted) return undefined;
  }
  return { certificate: leaf, depth: 0, code: 22, message: 'certificate chain too long' };
}

/** Certificates of version 1 that sign themselves count as authorities. */
function isAuthority(certificate: Certificate): boolean {
  const constraints = certificate.extensions.find(({ type }) => type === extensionTypes.basicConstraints);
  if (!constraints) return certificate.version === 1 && valuesOf(certificate.subject, 'CN').length > 0;
  // SEQUENCE { BOOLEAN TRUE … }
  return constraints.value[2] === 1 && constraints.value[4] !== 0;
}
