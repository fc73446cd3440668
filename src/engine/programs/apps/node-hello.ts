import { AddressInUse, httpSocket, textResponse, untilSignal, whileListening } from '../servers/service.ts';
import type { LessonApp } from './app.ts';

/** A small web server in Node.js that insists on a variable, and needs a moment to warm up. */
export const nodeHello: LessonApp = {
  name: 'node-hello',
  language: 'node',
  main: 'app.js',
  packages: [],
  network: true,
  memory: 46,
  files: {
    'app.js': `const http = require('http');
const os = require('os');

const required = '«required:APP_NAME»';
const port = process.env.PORT || «port:3000»;
const warmUp = «warmUp:0»;

if (!process.env[required]) {
  console.error('«missing:missing environment variable:» ' + required);
  process.exit(«status:1»);
}

const server = http.createServer((request, response) => {
  console.log(request.method + ' ' + request.url);
  response.setHeader('Content-Type', 'text/plain');
  response.end('«greeting:Hello from» ' + process.env[required] + ' on ' + os.hostname() + '\\n');
});

setTimeout(() => {
  server.listen(port, '«host:0.0.0.0»', () => console.log('listening on port ' + port));
}, warmUp * 1000);

process.on('SIGTERM', () => {
  console.log('«stopping:SIGTERM received, closing»');
  server.close(() => process.exit(0));
});
`,
    'package.json':
      '{\n  "name": "hello",\n  "version": "1.0.0",\n  "main": "app.js",\n  "scripts": { "start": "node app.js" }\n}\n',
  },
  async run(process, values) {
    const name = values.get('required')!;
    const who = process.env.get(name);
    if (!who) {
      await process.printError(`${values.get('missing')} ${name}\n`);
      return Number(values.get('status')) & 255;
    }
    const port = Number(process.env.get('PORT') || values.get('port'));
    const host = values.get('host')!;
    const stopped = untilSignal(process, ['SIGTERM']).then(() => process.print(`${values.get('stopping')}\n`));
    stopped.catch(() => {});
    await process.sleep(Number(values.get('warmUp')) * 1000);
    const handler: Parameters<typeof httpSocket>[1] = (request) => {
      void process.stdout.write(`${request.method} ${request.path}\n`);
      return textResponse(200, `${values.get('greeting')} ${who} on ${process.machine.hostname}\n`, {
        'content-type': 'text/plain',
      });
    };
    try {
      return await whileListening(
        process,
        [{ ...httpSocket(port, handler), address: host === 'localhost' ? '127.0.0.1' : host }],
        async () => {
          await process.print(`listening on port ${port}\n`);
          await stopped;
          return 0;
        },
      );
    } catch (error) {
      if (!(error instanceof AddressInUse)) throw error;
      await process.printError(
        `node:events:497\n      throw er; // Unhandled 'error' event\n      ^\n\nError: listen EADDRINUSE: address already in use ${host}:${port}\n`,
      );
      return 1;
    }
  },
};
