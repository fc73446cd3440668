import { describe, expect, it } from 'vitest';
import { filesOf } from '../../programs/apps/recognise.ts';
import { lessonApps } from '../../programs/apps/registry.ts';
import { ContainerRoom } from '../../../testing/containers.ts';

const files = (name: string, directory: string) =>
  Object.fromEntries(
    Object.entries(filesOf(lessonApps.find((a) => a.name === name)!)).map(([path, text]) => [
      `${directory}/${path}`,
      text,
    ]),
  );

describe('programs of the lessons in containers', () => {
  it('go: builds, and finds MySQL', async () => {
    const room = new ContainerRoom();
    const db = room.run('mymysql', 'mysql:5.7', {
      env: { MYSQL_ROOT_PASSWORD: '12345678', MYSQL_DATABASE: 'PersonalizedRecommendationSystem' },
    });
    const builder = room.run(
      'builder',
      'golang:1.16',
      { cmd: ['sleep', '36000'], workingDir: '/app' },
      files('recommendations', '/app'),
    );
    await room.pass(100);
    const built = await room.exec(
      builder,
      'go mod download && CGO_ENABLED=0 GOOS=linux go build -a -installsuffix cgo -o main . && ls main',
    );
    expect(built).toMatchObject({ exit: 0, stdout: 'main\n' });
    const early = await room.exec(builder, './main');
    expect(early.exit).toBe(1);
    expect(early.stderr).toMatch(/^2026\/01\/15 \d\d:\d\d:\d\d dial tcp mymysql:3306: connect: connection refused\n$/);
    await room.pass(60_000);
    const page = await room.exec(builder, './main & sleep 2; curl -s localhost:8080; curl -s localhost:8080; kill %1');
    expect(page.stdout).toBe('Hello! You are visitor number 1.\nHello! You are visitor number 2.\n');
    expect((await room.exec(builder, 'cd / && /app/main')).stderr).toContain(
      'open config.toml: no such file or directory\n',
    );
    expect(
      (
        await room.exec(
          db,
          'mysql -uroot -p12345678 -N PersonalizedRecommendationSystem -e "SELECT COUNT(*) FROM visits"',
        )
      ).stdout,
    ).toBe('2\n');
  });

  it('go: a program with cgo needs its C library', async () => {
    const room = new ContainerRoom();
    const builder = room.run(
      'builder',
      'golang:1.22',
      { cmd: ['sleep', '36000'], workingDir: '/app' },
      files('hello', '/app'),
    );
    expect((await room.exec(builder, 'go build -o main . && CGO_ENABLED=0 go build -o static .')).exit).toBe(0);
    const other = room.run('other', 'alpine', { cmd: ['sleep', '36000'] });
    for (const name of ['main', 'static']) {
      const node = builder.container.machine.fs.lookup(`/app/${name}`)!;
      other.container.machine.fs.putNodes([{ path: `/${name}`, node }]);
    }
    expect(await room.exec(other, ['/main'])).toMatchObject({
      exit: 1,
      stderr: 'exec /main: no such file or directory\n',
    });
    expect((await room.exec(other, 'PORT=81 /static & sleep 1; wget -qO- localhost:81; kill %1')).stdout).toBe(
      'Hello from other\n',
    );
  });

  it('node: insists on its variable', async () => {
    const room = new ContainerRoom();
    const bare = room.run(
      'bare',
      'node:24',
      { cmd: ['sleep', '100'], workingDir: '/app' },
      files('node-hello', '/app'),
    );
    expect(await room.exec(bare, 'cd /app && node app.js')).toMatchObject({
      exit: 1,
      stderr: 'missing environment variable: APP_NAME\n',
    });
    const page = await room.exec(
      bare,
      'cd /app && npm install && APP_NAME=shop node app.js & sleep 3; wget -qO- localhost:3000 2>/dev/null || curl -s localhost:3000; kill %1',
    );
    expect(page.stdout).toContain('listening on port 3000\n');
    expect((await room.exec(bare, `node -e 'console.log(1 + 2)'`)).stdout).toBe('3\n');
    expect((await room.exec(bare, `node -e 'fetch("x")'`)).stderr).toContain('is not simulated');
  });

  it('python: counts in Redis', async () => {
    const room = new ContainerRoom();
    room.run('redis', 'redis:7-alpine');
    const web = room.run(
      'web',
      'python:3.13-alpine',
      { cmd: ['sleep', '1000'], workingDir: '/code' },
      files('python-counter', '/code'),
    );
    await room.pass(500);
    expect((await room.exec(web, 'cd /code && python app.py')).stderr).toContain(
      "ModuleNotFoundError: No module named 'redis'",
    );
    const page = await room.exec(
      web,
      'cd /code && pip install -q -r requirements.txt >/dev/null; python app.py 2>/dev/null >/dev/null & sleep 4; wget -qO- localhost:5000; wget -qO- localhost:5000; kill %1',
    );
    expect(page.stdout).toBe('Hello! I have been seen 1 times.\nHello! I have been seen 2 times.\n');
  });
});
