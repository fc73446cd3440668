import { LineReader, humanSize, type ByteReader } from '../../../world/index.ts';
import type { Context } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';

export interface Message {
  status?: string;
  stream?: string;
  id?: string;
  progress?: string;
  progressDetail?: { current?: number; total?: number };
  error?: string;
  errorDetail?: { message: string; code?: number };
  aux?: unknown;
}

/**
 * Shows the JSON messages of pull, push, load and build (jsonmessage.DisplayJSONMessagesStream): on a terminal each id has
 * a line that is rewritten, elsewhere lines with progress are left out.
 * @throws CliError with the message of an error in the stream
 */
export async function showMessages(
  context: Pick<Context, 'process'>,
  body: ByteReader,
  options: { write: (text: string) => Promise<void>; terminal: boolean; onAux?: (aux: unknown) => void },
): Promise<void> {
  const { write, terminal } = options;
  const reader = new LineReader(body);
  const lines = new Map<string, number>();
  const { cancel, tty } = context.process;
  for (;;) {
    const line = await reader.next(cancel);
    if (line === undefined) return;
    if (line.trim() === '') continue;
    const message = JSON.parse(line) as Message;
    if (message.errorDetail || message.error !== undefined)
      throw new CliError(message.errorDetail?.message ?? message.error!, message.errorDetail?.code || 1);
    if (message.aux !== undefined) {
      options.onAux?.(message.aux);
      continue;
    }
    const { id } = message;
    let up = 0;
    let text = '';
    if (id !== undefined && id !== '' && message.progressDetail && terminal) {
      if (!lines.has(id)) {
        lines.set(id, lines.size);
        text += '\r\n'.replace('\r', '');
      }
      up = lines.size - lines.get(id)!;
      text += `\x1b[${up}A`;
    } else if (id === undefined || id === '' || !message.progressDetail) lines.clear();
    text += display(message, terminal, tty?.columns ?? 80);
    if (up > 0) text += `\x1b[${up}B`;
    if (text !== '') await write(text);
  }
}

function display(message: Message, terminal: boolean, columns: number): string {
  const { id, stream, status = '', progress, progressDetail } = message;
  const hasProgress = (progressDetail?.total ?? 0) > 0 || (progressDetail?.current ?? 0) > 0;
  let text = '';
  let end = '';
  if (terminal && stream === undefined && progressDetail) {
    text += '\x1b[2K\r';
    end = '\r';
  } else if (hasProgress) return '';
  if (id !== undefined && id !== '') text += `${id}: `;
  if (hasProgress && terminal) return `${text}${status} ${bar(progressDetail!, progress, columns)}${end}`;
  if (stream !== undefined) return `${text}${stream}${end}`;
  return `${text}${status}${progressDetail && terminal ? ' ' : ''}${end === '' ? '\n' : end}`;
}

/** The bar itself is shown on wide terminals only. */
function bar(
  { current = 0, total = 0 }: { current?: number; total?: number },
  progress: string | undefined,
  columns: number,
): string {
  if (columns > 110 && progress) return progress;
  return ` ${total > 0 ? `${humanSize(current)}/${humanSize(total)}` : humanSize(current)}`;
}
