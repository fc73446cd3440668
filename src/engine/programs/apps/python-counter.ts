import { openBytes } from '../servers/lib/connections.ts';
import { encodeCommand, RespReader } from '../servers/redis/resp.ts';
import { commonLogDate, httpSocket, textResponse, untilSignal, whileListening } from '../servers/service.ts';
import type { LessonApp } from './app.ts';

/** A page in Python (Flask) that counts its visits in Redis. */
export const pythonCounter: LessonApp = {
  name: 'python-counter',
  language: 'python',
  main: 'app.py',
  packages: ['redis', 'flask'],
  network: true,
  memory: 34,
  files: {
    'app.py': `import os

import redis
from flask import Flask

app = Flask(__name__)
cache = redis.Redis(host=os.environ.get("«variable:REDIS_HOST»", "«host:redis»"), port=«redisPort:6379», password=os.environ.get("«passwordVariable:REDIS_PASSWORD»"))


@app.route("/")
def hello():
    count = cache.incr("«key:hits»")
    return "«greeting:Hello! I have been seen» {} times.\\n".format(count)


if __name__ == "__main__":
    app.run(host="«address:0.0.0.0»", port=«port:5000»)
`,
    'requirements.txt': 'flask\nredis\n',
  },
  async run(process, values) {
    const host = process.env.get(values.get('variable')!) ?? values.get('host')!;
    const password = process.env.get(values.get('passwordVariable')!);
    const count = async (): Promise<number | string> => {
      const opened = await openBytes(process, { host, port: Number(values.get('redisPort')) });
      if ('failure' in opened)
        return opened.failure === 'unknown-host' || opened.failure === 'name-timeout'
          ? `redis.exceptions.ConnectionError: Error -${opened.failure === 'unknown-host' ? 2 : 3} connecting to ${host}:${values.get('redisPort')}. ${opened.failure === 'unknown-host' ? 'Name or service not known' : 'Temporary failure in name resolution'}.`
          : `redis.exceptions.ConnectionError: Error ${opened.failure === 'timeout' ? '110' : '111'} connecting to ${host}:${values.get('redisPort')}. Connection ${opened.failure === 'timeout' ? 'timed out' : 'refused'}.`;
      const { connection } = opened;
      const reader = new RespReader(connection.reader, process.cancel);
      if (password) {
        await connection.writer.write(encodeCommand(['AUTH', password]), process.cancel);
        await reader.reply();
      }
      await connection.writer.write(encodeCommand(['INCR', values.get('key')!]), process.cancel);
      const reply = await reader.reply();
      connection.writer.close();
      if (reply?.kind === 'integer') return reply.value;
      const text = reply?.kind === 'error' ? reply.text : 'Connection closed by server.';
      return `redis.exceptions.${text.startsWith('NOAUTH') ? `AuthenticationError: ${text.replace('NOAUTH ', '')}` : `ResponseError: ${text}`}`;
    };
    const handler: Parameters<typeof httpSocket>[1] = async (request) => {
      const found = request.path.split('?')[0] === '/' ? await count() : undefined;
      const status = found === undefined ? 404 : typeof found === 'number' ? 200 : 500;
      if (typeof found === 'string')
        await process.printError(
          `Traceback (most recent call last):\n  File "/code/app.py", line 12, in hello\n${found}\n`,
        );
      void process.stderr.write(
        `${request.peer?.address ?? '127.0.0.1'} - - [${commonLogDate(process.world.clock.now()).replace(/:(\d\d:\d\d:\d\d).*/, ' $1')}] "${request.method} ${request.path} HTTP/1.1" ${status} -\n`,
      );
      if (status === 200)
        return textResponse(200, `${values.get('greeting')} ${found} times.\n`, {
          'content-type': 'text/html; charset=utf-8',
        });
      const title = status === 404 ? 'Not Found' : 'Internal Server Error';
      return textResponse(
        status,
        `<!doctype html>\n<html lang=en>\n<title>${status} ${title}</title>\n<h1>${title}</h1>\n`,
        { 'content-type': 'text/html; charset=utf-8' },
      );
    };
    const address = values.get('address')!;
    const port = Number(values.get('port'));
    return whileListening(process, [{ ...httpSocket(port, handler), address }], async () => {
      await process.print(" * Serving Flask app 'app'\n * Debug mode: off\n");
      await process.printError(
        `WARNING: This is a development server. Do not use it in a production deployment. Use a production WSGI server instead.\n${address === '0.0.0.0' ? ` * Running on all addresses (0.0.0.0)\n * Running on http://127.0.0.1:${port}\n` : ''} * Running on http://${address === '0.0.0.0' ? ([...process.machine.net.addresses][0] ?? '127.0.0.1') : address}:${port}\nPress CTRL+C to quit\n`,
      );
      await untilSignal(process, ['SIGINT']);
      return 0;
    });
  },
};
