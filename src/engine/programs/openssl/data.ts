import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { openInput } from '../../process/index.ts';
import { decodeBase64, encodeBase64 } from '../../world/base64.ts';
import { FsError } from '../../world/index.ts';
import { OpensslError, type OpensslCall } from './call.ts';
import { hex } from './text.ts';

/** openssl's commands for data: rand, dgst, base64. */

export async function rand(call: OpensslCall): Promise<number> {
  const [size = ''] = call.operands;
  if (!/^\d+$/.test(size))
    throw call.wrong(size === '' ? 'Extra (unknown) options' : `Can't parse "${size}" as a number`);
  const bytes = call.random(Number(size));
  const wrapped = `${(encodeBase64(bytes).match(/.{1,64}/g) ?? []).join('\n')}\n`;
  await call.write(call.has('hex') ? `${hex(bytes)}\n` : call.has('base64') ? wrapped : bytes, call.value('out'));
  return 0;
}

const digests = {
  md5: ['MD5', md5],
  sha1: ['SHA1', sha1],
  sha224: ['SHA2-224', sha224],
  sha256: ['SHA2-256', sha256],
  sha384: ['SHA2-384', sha384],
  sha512: ['SHA2-512', sha512],
} as const;

export const digestNames = Object.keys(digests) as (keyof typeof digests)[];

export async function digest(call: OpensslCall): Promise<number> {
  const chosen = digestNames.findLast((name) => call.has(name)) ?? 'sha256';
  const [title, hash] = digests[chosen];
  let status = 0;
  for (const file of call.operands.length > 0 ? call.operands : [undefined]) {
    let data: Uint8Array;
    try {
      const reader = file === undefined ? call.tool.process.stdin : openInput(call.tool.process, file);
      data = await call.tool.readAll(reader);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      await call.note(`${call.command}: Can't open "${file}" for reading, ${error.message}\n`);
      status = 1;
      continue;
    }
    const sum = hash(data);
    if (call.has('binary')) await call.write(sum, call.value('out'));
    else if (call.has('r')) await call.write(`${hex(sum)} *${file ?? 'stdin'}\n`, call.value('out'));
    else await call.write(`${title}(${file ?? 'stdin'})= ${hex(sum)}\n`, call.value('out'));
  }
  return status;
}

export async function base64(call: OpensslCall): Promise<number> {
  if (call.command === 'enc' && !call.has('base64') && !call.has('a'))
    throw new OpensslError('slipway: openssl enc without -base64 is not simulated');
  const path = call.value('in');
  let data: Uint8Array;
  try {
    const reader = path === undefined ? call.tool.process.stdin : openInput(call.tool.process, path);
    data = await call.tool.readAll(reader);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    throw new OpensslError(`Can't open "${path}" for reading, ${error.message}`);
  }
  if (call.has('d')) {
    await call.write(decodeBase64(new TextDecoder().decode(data)), call.value('out'));
    return 0;
  }
  const text = encodeBase64(data);
  const lines = call.has('A') ? text : (text.match(/.{1,64}/g) ?? []).map((line) => `${line}\n`).join('');
  await call.write(lines, call.value('out'));
  return 0;
}
