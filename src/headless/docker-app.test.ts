import { expect, test } from 'vitest';
import { ScriptRunner } from './runner.ts';

/** An application and its database in two containers: what works by name, by published port, and what doesn't. */
test('a database is reached by its name and port inside the network, and by the published port from the host', async () => {
  const runner = new ScriptRunner({ preset: 'laptop', files: {} });
  const run = (cmd: string) => runner.step({ cmd });
  await run('docker network create app');
  await run('docker run -d --name mymysql --network app -e MYSQL_ROOT_PASSWORD=secret -p 8806:3306 mysql:8');
  const client = 'docker run --rm --network app mysql:8 mysql -uroot -psecret';
  // The server is not there at once.
  const early = await run(`${client} -hmymysql -e "select 1"`);
  expect(early.exit).toBe(1);
  expect(early.stderr).toMatch(/Can't connect to MySQL server on 'mymysql:3306' \(111\)/);
  await run('sleep 30');
  const inside = await run(`${client} -hmymysql -e "select 1+1"`);
  expect(inside.stdout).toBe('1+1\n2\n');
  // The published port is the host's: there is nobody at it inside the network.
  const wrongPort = await run(`${client} -hmymysql -P8806 -e "select 1"`);
  expect(wrongPort.stderr).toMatch(/Can't connect to MySQL server on 'mymysql:8806' \(111\)/);
  // And localhost is the client's own container.
  const local = await run(`${client} -h127.0.0.1 -P8806 -e "select 1"`);
  expect(local.stderr).toMatch(/Can't connect to MySQL server on '127.0.0.1:8806' \(111\)/);
  const elsewhere = await run('docker run --rm mysql:8 mysql -uroot -psecret -hmymysql -e "select 1"');
  expect(elsewhere.stderr).toMatch(/Unknown MySQL server host 'mymysql'/);
  const host = await run(
    'docker run --rm --network host mysql:8 mysql -uroot -psecret -h127.0.0.1 -P8806 -e "select 1"',
  );
  expect(host.stdout).toBe('1\n1\n');
  const denied = await run(`docker run --rm --network app mysql:8 mysql -uroot -pwrong -hmymysql -e "select 1"`);
  expect(denied.stderr).toMatch(
    /ERROR 1045 \(28000\): Access denied for user 'root'@'172\.18\.0\.\d+' \(using password: YES\)/,
  );
});

test('without a password the database does not begin', async () => {
  const runner = new ScriptRunner({ preset: 'laptop', files: {} });
  await runner.step({ cmd: 'docker run -d --name db mysql:8' });
  await runner.step({ cmd: 'sleep 5' });
  const logs = await runner.step({ cmd: 'docker logs db' });
  expect(logs.stdout + logs.stderr).toContain('Database is uninitialized and password option is not specified');
  const status = await runner.step({ cmd: "docker inspect -f '{{.State.ExitCode}}' db" });
  expect(status.stdout).toBe('1\n');
});
