import type { RestClient, Query } from '../client/rest.ts';
import { CommandError } from '../framework/errors.ts';

const protocol = 'v5.channel.k8s.io';

/** Asks for a stream into a Pod. @throws StatusError with what the server says, CommandError if it has none to offer */
export async function openStream(client: RestClient, path: string, query: Query, what: string): Promise<never> {
  const response = await client.request({
    method: 'GET',
    path,
    query,
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-protocol': protocol,
      'sec-websocket-version': '13',
    },
  });
  if (!(response.body instanceof Uint8Array)) response.body.close();
  throw new CommandError(`slipway: kubectl ${what} is not simulated`);
}
