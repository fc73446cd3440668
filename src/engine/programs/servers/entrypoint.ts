import { SpawnError, type Process, type Program } from '../../process/index.ts';

/** Ends like `exec "$@"` in a script: the program's status, or 126/127 and the shell's message. */
export async function execOrFail(process: Process, command: readonly string[], prefix: string): Promise<number> {
  try {
    return await process.exec(command);
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
    const text = error.code === 'ENOENT' ? 'not found' : error.message;
    await process.printError(`${prefix}: ${command[0] ?? ''}: ${text}\n`);
    return error.status;
  }
}

/** An entrypoint script that only runs its arguments. */
export const execEntrypoint: Program = (process) =>
  execOrFail(process, process.argv.slice(1), `${process.argv[0]}: exec`);

/** curlimages/curl: arguments that are no program go to curl. */
export const curlEntrypoint: Program = (process) => {
  const command = process.argv.slice(1);
  const first = command[0] ?? '';
  const isProgram = first !== '' && !first.startsWith('-') && !first.includes('://') && first !== 'curl';
  return execOrFail(process, first === 'curl' || isProgram ? command : ['curl', ...command], '/entrypoint.sh: exec');
};

/** postgres refuses to initialise without a password, then runs the server. */
export const postgresEntrypoint: Program = async (process) => {
  const command = process.argv.slice(1);
  const { env } = process;
  if (command[0] === 'postgres' && !env.get('POSTGRES_PASSWORD') && env.get('POSTGRES_HOST_AUTH_METHOD') !== 'trust') {
    await process.printError(
      'Error: Database is uninitialized and superuser password is not specified.\n' +
        '       You must specify POSTGRES_PASSWORD to a non-empty value for the\n' +
        '       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".\n\n' +
        '       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all\n' +
        '       connections without a password. This is *not* recommended.\n\n' +
        '       See PostgreSQL documentation about "trust":\n' +
        '       https://www.postgresql.org/docs/current/auth-trust.html\n',
    );
    return 1;
  }
  return execOrFail(process, command, '/usr/local/bin/docker-entrypoint.sh: line 351');
};
