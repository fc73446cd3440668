import { describe, expect, it } from 'vitest';
import { ContainerRoom } from '../../../testing/containers.ts';

describe('redis', () => {
  it('keeps values, and forgets them in time', async () => {
    const room = new ContainerRoom();
    const redis = room.run('redis', 'redis:7');
    await room.pass(1000);
    expect(redis.logs()).toContain('* Ready to accept connections tcp\n');
    const cli = async (line: string) => (await room.exec(redis, `redis-cli --no-raw ${line}`)).stdout;
    expect(await cli('SET a 1')).toBe('OK\n');
    expect(await cli('INCR a')).toBe('(integer) 2\n');
    expect(await cli('GET a')).toBe('"2"\n');
    expect(await cli('GET b')).toBe('(nil)\n');
    expect(await cli('RPUSH l x y')).toBe('(integer) 2\n');
    expect(await cli('LRANGE l 0 -1')).toBe('1) "x"\n2) "y"\n');
    expect(await cli('INCR l')).toBe('(error) WRONGTYPE Operation against a key holding the wrong kind of value\n');
    expect(await cli('HSET h f v g w')).toBe('(integer) 2\n');
    expect(await cli('ZADD z 2 b 1 a')).toBe('(integer) 2\n');
    expect(await cli('ZRANGE z 0 -1 WITHSCORES')).toBe('1) "a"\n2) "1"\n3) "b"\n4) "2"\n');
    expect(await cli('NOPE x')).toBe("(error) ERR unknown command 'NOPE', with args beginning with: 'x' \n");
    expect(await cli('GET')).toBe("(error) ERR wrong number of arguments for 'get' command\n");
    await cli('EXPIRE a 10');
    expect(await cli('TTL a')).toBe('(integer) 10\n');
    await room.pass(11_000);
    expect(await cli('TTL a')).toBe('(integer) -2\n');
    expect((await room.exec(redis, 'redis-cli GET h')).stdout).toBe(
      'WRONGTYPE Operation against a key holding the wrong kind of value\n\n',
    );
    expect((await room.exec(redis, 'printf "PING\\r\\n" | nc -q 1 localhost 6379')).stdout).toBe('');
    expect((await room.exec(redis, 'redis-cli', 'MULTI\nINCR n\nINCR n\nEXEC\n')).stdout).toBe(
      'OK\nQUEUED\nQUEUED\n1\n2\n',
    );
  });

  it('asks for the password', async () => {
    const room = new ContainerRoom();
    const redis = room.run('redis', 'redis:7-alpine', { cmd: ['redis-server', '--requirepass', 'pw'] });
    const app = room.run('app', 'redis:7-alpine', { cmd: ['sleep', '3600'] });
    await room.pass(1000);
    expect((await room.exec(app, 'redis-cli --no-raw -h redis GET a')).stdout).toBe(
      '(error) NOAUTH Authentication required.\n',
    );
    expect(await room.exec(app, 'redis-cli --no-raw -h redis -a pw SET a 1')).toEqual({
      exit: 0,
      stdout: 'OK\n',
      stderr: "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n",
    });
    redis.container.stop(10_000);
    expect(await room.ended(redis)).toBe(0);
    expect(await room.exec(app, 'redis-cli -h redis PING')).toMatchObject({
      exit: 1,
      stderr: 'Could not connect to Redis at redis:6379: Connection refused\n',
    });
  });

  it.each([
    [['redis-server'], 'stop'],
    [['redis-server', '--appendonly', 'yes'], 'kill'],
  ])('keeps its data on a volume: %s, %s', async (cmd, end) => {
    const room = new ContainerRoom();
    const data = room.volume();
    const mounts = [{ path: '/data', fs: data }];
    const first = room.run('first', 'redis', { mounts, cmd });
    await room.pass(1000);
    await room.exec(first, 'redis-cli SET k kept; redis-cli -n 3 SADD s m');
    if (end === 'stop') first.container.stop(10_000);
    else first.container.kill('SIGKILL');
    await room.ended(first);
    const second = room.run('second', 'redis', { mounts, cmd });
    await room.pass(1000);
    expect((await room.exec(second, 'redis-cli GET k; redis-cli -n 3 SMEMBERS s')).stdout).toBe('kept\nm\n');
  });
});
