import { describe, expect, it } from 'vitest';
import { runScript } from './runner.ts';

async function run(...commands: string[]) {
  const { steps } = await runScript({ preset: 'laptop', files: {}, steps: commands.map((cmd) => ({ cmd })) });
  return steps;
}

describe('the life of a container', () => {
  it('restarts with growing delays until it has been tried often enough', async () => {
    const steps = await run(
      'docker run -d --name rr --restart on-failure:3 busybox sh -c "echo x; exit 1"',
      'sleep 5; docker inspect -f "{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}" rr',
      'docker logs rr',
    );
    expect(steps[1]!.stdout).toBe('3 exited 1\n');
    expect(steps[2]!.stdout).toBe('x\nx\nx\nx\n');
  });

  it('becomes healthy, and unhealthy after the retries', async () => {
    const steps = await run(
      'docker run -d --name hh --health-cmd "test -f /ok" --health-interval 1s --health-retries 2 busybox sleep 1000',
      'docker exec hh touch /ok; sleep 2; docker ps --format "{{.Status}}"',
      'docker exec hh rm /ok; sleep 5; docker ps --format "{{.Status}}" --filter health=unhealthy',
    );
    expect(steps[1]!.stdout).toBe('Up 2 seconds (healthy)\n');
    expect(steps[2]!.stdout).toBe('Up 7 seconds (unhealthy)\n');
  });

  it('stops on its signal, is killed after the grace, and tells its status', async () => {
    const steps = await run(
      'docker run -d --name tt busybox sh -c "trap \'exit 7\' TERM; while true; do sleep 0.1; done"; docker stop tt; docker wait tt',
      'docker run -d --name ss busybox sleep 1000; docker stop -t 1 ss; docker inspect -f "{{.State.ExitCode}}" ss',
    );
    expect(steps[0]!.stdout.split('\n').slice(1)).toEqual(['tt', '7', '']);
    expect(steps[1]!.stdout.split('\n').slice(1)).toEqual(['ss', '137', '']);
  });
});

describe('files', () => {
  it("volumes begin with what the image has, and are kept; bind mounts are the host's own", async () => {
    const steps = await run(
      'docker run --rm -v html:/usr/share/nginx/html nginx ls /usr/share/nginx/html',
      'mkdir -p d; docker run --rm -v ./d:/d busybox sh -c "echo hi > /d/f"; cat d/f; echo more >> d/f; docker run --rm -v ./d:/d:ro busybox cat /d/f',
      'docker run --rm -v ./d:/d:ro busybox touch /d/x',
    );
    expect(steps[0]!.stdout).toBe('50x.html\nindex.html\n');
    expect(steps[1]!.stdout).toBe('hi\nhi\nmore\n');
    expect(steps[2]!.exit).toBe(1);
    expect(steps[2]!.stderr).toContain('Read-only file system');
  });

  it('commit, save, load, export and import keep them', async () => {
    const steps = await run(
      'docker run --name cc busybox sh -c "echo kept > /kept"; docker commit cc mine:1 >/dev/null; docker run --rm mine:1 cat /kept',
      'docker save -o s.tar mine:1; docker rm cc >/dev/null; docker rmi mine:1 >/dev/null; docker load -i s.tar; docker run --rm mine:1 cat /kept',
      'docker create --name ee mine:1 >/dev/null; docker export ee | docker import - flat >/dev/null; docker run --rm flat cat /kept',
    );
    expect(steps[0]!.stdout).toBe('kept\n');
    expect(steps[1]!.stdout).toBe('Loaded image: mine:1\nkept\n');
    expect(steps[2]!.stdout).toBe('kept\n');
  });
});

describe('networks', () => {
  it('resolve names where the user made them, isolate from others, and publish ports', async () => {
    const steps = await run(
      'docker network create a >/dev/null; docker run -d --name web --network a -p 8080:80 nginx >/dev/null 2>&1; sleep 1; curl -s -o /dev/null -w "%{http_code}\\n" localhost:8080',
      'docker run --rm --network a busybox wget -qO- http://web | head -1',
      'docker run --rm busybox wget -T 2 -qO- http://web',
      'docker run -d --name two -p 8080:80 nginx; docker ps -a --filter name=two --format "{{.Status}}"',
    );
    expect(steps[0]!.stdout).toBe('200\n');
    expect(steps[1]!.stdout).toBe('<!DOCTYPE html>\n');
    expect(steps[2]!.stderr).toContain("bad address 'web'");
    expect(steps[3]!.stderr).toContain('Bind for 0.0.0.0:8080 failed: port is already allocated');
    expect(steps[3]!.stdout).toContain('Created\n');
  });
});

describe('limits', () => {
  it('memory is what the kernel kills for', async () => {
    const steps = await run(
      'docker run --name mm -m 32m busybox sh -c "tail /dev/zero"; docker inspect -f "{{.State.OOMKilled}} {{.State.ExitCode}}" mm',
    );
    expect(steps[0]!.stdout).toBe('true 137\n');
  });
});

it('a session with Docker is the same each time', async () => {
  const { ScriptRunner } = await import('./runner.ts');
  const hash = async () => {
    const runner = new ScriptRunner({ preset: 'laptop', files: {} });
    for (const cmd of ['docker run -d -p 80 nginx', 'docker run busybox echo hi', 'docker network create n'])
      await runner.step({ cmd });
    return runner.room.world.stateHash();
  };
  expect(await hash()).toBe(await hash());
});
