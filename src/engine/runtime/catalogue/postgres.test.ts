import { describe, expect, it } from 'vitest';
import { ContainerRoom } from '../../../testing/containers.ts';

describe('postgres', () => {
  it('refuses to start without a password', async () => {
    const room = new ContainerRoom();
    const db = room.run('db', 'postgres:16');
    expect(await room.ended(db)).toBe(1);
    expect(db.logs()).toMatch(/^Error: Database is uninitialized and superuser password is not specified\.\n/);
  });

  it('answers psql, and keeps its data', async () => {
    const room = new ContainerRoom();
    const data = room.volume();
    const env = { POSTGRES_PASSWORD: 'pw', POSTGRES_DB: 'shop' };
    const mounts = [{ path: '/var/lib/postgresql/data', fs: data }];
    const db = room.run('db', 'postgres:16', { env, mounts });
    const app = room.run('app', 'postgres:16', { cmd: ['sleep', '36000'] });
    await room.pass(1000);
    expect((await room.exec(app, 'psql -h db -U postgres -c "SELECT 1"')).stderr).toBe(
      `psql: error: connection to server at "db" (${db.address}), port 5432 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n`,
    );
    await room.pass(10_000);
    expect(db.logs()).toContain('PostgreSQL init process complete; ready for start up.\n');
    const psql = (text: string) => room.exec(db, ['psql', '-U', 'postgres', 'shop'], text);
    const made = await psql(
      "CREATE TABLE items (id SERIAL PRIMARY KEY, name VARCHAR(20) NOT NULL, price NUMERIC(8,2));\nINSERT INTO items (name, price) VALUES ('tea', 2.5), ('coffee', 3) RETURNING id;",
    );
    expect(made.stdout).toBe('CREATE TABLE\n id \n----\n  1\n  2\n(2 rows)\n\nINSERT 0 2\n');
    expect((await psql('SELECT * FROM items ORDER BY id')).stdout).toBe(
      ' id |  name  | price \n----+--------+-------\n  1 | tea    |  2.50\n  2 | coffee |  3.00\n(2 rows)\n\n',
    );
    expect((await psql('\\dt')).stdout).toBe(
      '         List of relations\n Schema | Name  | Type  |  Owner   \n--------+-------+-------+----------\n public | items | table | postgres\n(1 row)\n\n',
    );
    expect(await room.exec(db, ['psql', '-U', 'postgres', '-d', 'shop', '-c', 'SELECT * FROM nope;'])).toEqual({
      exit: 1,
      stdout: '',
      stderr: 'ERROR:  relation "nope" does not exist\nLINE 1: SELECT * FROM nope;\n                      ^\n',
    });
    expect((await room.exec(app, 'PGPASSWORD=no psql -h db -U postgres -c "SELECT 1"')).stderr).toBe(
      `psql: error: connection to server at "db" (${db.address}), port 5432 failed: FATAL:  password authentication failed for user "postgres"\n`,
    );
    expect(
      (await room.exec(app, 'PGPASSWORD=pw psql -h db -U postgres -tAc "SELECT count(*) FROM items" shop')).stdout,
    ).toBe('2\n');
    expect((await room.exec(app, 'pg_isready -h db')).stdout).toBe('db:5432 - accepting connections\n');
    expect((await psql('BEGIN;\nUPDATE items SET price = 9;\nROLLBACK;\nSELECT sum(price) FROM items;')).stdout).toBe(
      'BEGIN\nUPDATE 2\nROLLBACK\n sum  \n------\n 5.50\n(1 row)\n\n',
    );
    db.container.stop(10_000);
    expect(await room.ended(db)).toBe(0);
    const again = room.run('again', 'postgres:16', { env, mounts });
    await room.pass(3_000);
    expect(again.logs()).toContain('Skipping initialization');
    expect((await room.exec(again, 'psql -U postgres -tc "SELECT name FROM items WHERE id = 1" shop')).stdout).toBe(
      ' tea\n\n',
    );
  });
});
