import { concatBytes, type ByteReader, type Cancellation } from '../../../world/index.ts';

/** Takes a multiplexed stream apart (stdcopy). */
export async function demultiplex(
  reader: ByteReader,
  write: (stream: 'stdout' | 'stderr', data: Uint8Array) => Promise<void>,
  cancel?: Cancellation,
): Promise<void> {
  let held: Uint8Array = new Uint8Array();
  for (;;) {
    const chunk = await reader.read(cancel);
    if (!chunk) return;
    held = held.length === 0 ? chunk : concatBytes([held, chunk]);
    while (held.length >= 8) {
      const length = new DataView(held.buffer, held.byteOffset + 4, 4).getUint32(0);
      if (held.length < 8 + length) break;
      await write(held[0] === 2 ? 'stderr' : 'stdout', held.subarray(8, 8 + length));
      held = held.subarray(8 + length);
    }
  }
}
