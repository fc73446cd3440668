import { describe, expect, it } from 'vitest';
import { ContainerRoom } from '../../../testing/containers.ts';

const env = { MYSQL_ROOT_PASSWORD: 'secret', MYSQL_DATABASE: 'shop', MYSQL_USER: 'app', MYSQL_PASSWORD: 'apppw' };

async function started(image = 'mysql:8.4', more = {}) {
  const room = new ContainerRoom();
  const data = room.volume();
  const db = room.run('db', image, { env, mounts: [{ path: '/var/lib/mysql', fs: data }], ...more });
  await room.pass(30_000);
  return { room, db, data };
}

describe('mysql', () => {
  it('wants to know about the root password', async () => {
    const room = new ContainerRoom();
    const db = room.run('db', 'mysql:5.7');
    expect(await room.ended(db)).toBe(1);
    expect(db.logs()).toContain(
      '[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD\n',
    );
  });

  it('refuses connections while it sets itself up, then answers', async () => {
    const room = new ContainerRoom();
    const db = room.run('db', 'mysql:5.7', { env });
    const app = room.run('app', 'mysql:5.7', { cmd: ['sleep', '3600'] });
    await room.pass(5_000);
    const early = await room.exec(app, ['mysql', '-h', 'db', '-uroot', '-psecret', '-e', 'SELECT 1']);
    expect(early.exit).toBe(1);
    expect(early.stderr).toBe(
      "mysql: [Warning] Using a password on the command line interface can be insecure.\nERROR 2003 (HY000): Can't connect to MySQL server on 'db' (111)\n",
    );
    await room.pass(30_000);
    expect(db.logs()).toMatch(/MySQL init process done. Ready for start up.[^]*port: 3306/);
    const late = await room.exec(app, ['mysql', '-h', 'db', '-uroot', '-psecret', '-e', 'SHOW DATABASES']);
    expect(late.stdout).toBe('Database\ninformation_schema\nmysql\nperformance_schema\nshop\nsys\n');
    const wrong = await room.exec(app, ['mysql', '-h', 'db', '-uroot', '-pwrong', '-e', 'SELECT 1']);
    expect(wrong.stderr).toContain(
      `ERROR 1045 (28000): Access denied for user 'root'@'${app.address}' (using password: YES)\n`,
    );
    expect((await room.exec(app, 'mysql -h db -P 8806 -uroot -psecret -e "SELECT 1"')).exit).toBe(1);
    expect((await room.exec(app, 'mysql -h nobody -uroot -psecret -e "SELECT 1"')).stderr).toContain(
      "ERROR 2005 (HY000): Unknown MySQL server host 'nobody' (-2)",
    );
  });

  it('keeps tables, and has them again on the same volume', async () => {
    const { room, db, data } = await started();
    const run = async (sql: string, flags = '') => room.exec(db, `mysql -uroot -psecret ${flags} shop`, sql);
    const made =
      await run(`CREATE TABLE items (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) NOT NULL, price DECIMAL(8,2) DEFAULT 0, made TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
      INSERT INTO items (name, price) VALUES ('tea', 2.5), ('coffee', 3), ('cake', 4.25);`);
    expect(made).toMatchObject({ exit: 0, stdout: '' });
    const shown = await run(
      'SELECT id, name, price FROM items WHERE price > 2.6 ORDER BY price DESC; SELECT COUNT(*), SUM(price), AVG(price) FROM items',
      '-t',
    );
    expect(shown.stdout).toBe(
      '+----+--------+-------+\n| id | name   | price |\n+----+--------+-------+\n|  3 | cake   |  4.25 |\n|  2 | coffee |  3.00 |\n+----+--------+-------+\n' +
        '+----------+------------+------------+\n| COUNT(*) | SUM(price) | AVG(price) |\n+----------+------------+------------+\n|        3 |       9.75 |   3.250000 |\n+----------+------------+------------+\n',
    );
    const wrong = await run('\nSELECT nope FROM items');
    expect(wrong.stderr).toContain("ERROR 1054 (42S22) at line 2: Unknown column 'nope' in 'field list'\n");
    expect((await run("INSERT INTO items (id, name) VALUES (1, 'x')")).stderr).toContain(
      "ERROR 1062 (23000) at line 1: Duplicate entry '1' for key 'items.PRIMARY'",
    );
    expect((await run('SELEC 1')).stderr).toContain("for the right syntax to use near 'SELEC 1' at line 1");
    expect((await room.exec(db, 'mysql -uapp -papppw nodb -e "SELECT 1"')).stderr).toContain(
      "ERROR 1044 (42000): Access denied for user 'app'@'%' to database 'nodb'",
    );
    const dump = await room.exec(db, 'mysqldump -uroot -psecret shop');
    expect(dump.stdout).toContain("INSERT INTO `items` VALUES (1,'tea',2.50,");
    db.container.stop(10_000);
    expect(await room.ended(db)).toBe(0);
    const again = room.run('again', 'mysql:8.4', { env, mounts: [{ path: '/var/lib/mysql', fs: data }] });
    await room.pass(6_000);
    expect(again.logs()).not.toContain('Initializing');
    expect((await room.exec(again, 'mysql -uapp -papppw -N shop -e "SELECT name FROM items"')).stdout).toBe(
      'tea\ncoffee\ncake\n',
    );
  });

  it('runs the scripts of /docker-entrypoint-initdb.d', async () => {
    const room = new ContainerRoom();
    const db = room.run(
      'db',
      'mariadb:11.4',
      { env: { MARIADB_ROOT_PASSWORD: 'x', MARIADB_DATABASE: 'd' } },
      {
        '/docker-entrypoint-initdb.d/01.sql': 'CREATE TABLE t (a INT);\nINSERT INTO t VALUES (7);\n',
      },
    );
    await room.pass(30_000);
    expect((await room.exec(db, 'mariadb -px d -e "SELECT * FROM t"')).stdout).toBe('a\n7\n');
    expect((await room.exec(db, 'mariadb-admin -px ping')).stdout).toBe('mysqld is alive\n');
    expect((await room.exec(db, 'healthcheck.sh --connect')).exit).toBe(0);
  });

  it('greets whoever connects', async () => {
    const { room, db } = await started();
    const app = room.run('app', 'busybox', { cmd: ['sleep', '3600'] });
    expect((await room.exec(app, 'nc db 3306 </dev/null')).stdout).toContain('8.4.7');
    expect((await room.exec(db, 'mysql -uroot -psecret -e "SELECT CURRENT_USER()"')).stdout).toBe(
      'CURRENT_USER()\nroot@localhost\n',
    );
  });

  it('does not start on files that are not its own', async () => {
    const room = new ContainerRoom();
    const data = room.volume();
    data.writeFile('/note', '');
    const db = room.run('db', 'mysql:8.4', { env, mounts: [{ path: '/var/lib/mysql', fs: data }] });
    expect(await room.ended(db)).toBe(1);
    expect(db.logs()).toContain('--initialize specified but the data directory has files in it. Aborting.');
  });
});
