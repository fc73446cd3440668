import { ScriptRunner } from './runner.ts';

/** ms that `docker ps` takes with 50 running containers, typed to printed: median of many. */
export async function dockerPs(): Promise<number> {
  const runner = new ScriptRunner({ preset: 'laptop', files: {} });
  await runner.step({ cmd: 'docker pull -q busybox' });
  await runner.step({
    cmd: 'for i in $(seq 50); do docker run -d --name c$i -p $((9000 + i)):80 busybox sleep 100000 > /dev/null; done',
  });
  const times: number[] = [];
  for (let i = 0; i < 71; i++) {
    const started = performance.now();
    await runner.step({ cmd: 'docker ps' });
    if (i >= 20) times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

/** ms that `docker build` of ten instructions takes when all of them are cached: median of many. */
export async function dockerBuildCached(): Promise<number> {
  const runner = new ScriptRunner({
    preset: 'laptop',
    files: {
      Dockerfile: `FROM busybox
WORKDIR /app
COPY hello.txt .
RUN cat hello.txt > copy.txt
ENV NAME=World
RUN echo "$NAME" > name.txt
COPY . /context
EXPOSE 8080
LABEL version=1
CMD ["cat", "copy.txt"]
`,
      'hello.txt': 'hello\n',
    },
  });
  const times: number[] = [];
  for (let i = 0; i < 61; i++) {
    const started = performance.now();
    await runner.step({ cmd: 'docker build -t cached . 2>&1', cwd: '~/work' });
    if (i >= 20) times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
}
