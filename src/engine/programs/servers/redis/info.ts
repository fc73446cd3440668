import type { RedisHost } from './client-session.ts';

/** The text of INFO. @param section one of its sections; all of them without */
export function infoText(host: RedisHost, section: string | undefined): string {
  const { process, version, config, databases } = host;
  const now = process.world.clock.now();
  const up = Math.floor((now - host.started) / 1000);
  const used = 1_048_576 + databases.reduce((n, db) => n + db.keys().length * 96, 0);
  const human = (n: number) => `${(n / (1 << 20)).toFixed(2)}M`;
  const sections: Record<string, string[]> = {
    Server: [`redis_version:${version}`, 'redis_mode:standalone', 'os:Linux 6.8.0-60-generic x86_64', 'arch_bits:64', `process_id:${process.pid}`, `tcp_port:${config.get('port')}`, `uptime_in_seconds:${up}`, `uptime_in_days:${Math.floor(up / 86_400)}`, 'executable:/data/redis-server', 'config_file:'],
    Clients: [`connected_clients:${host.clients.size}`, 'blocked_clients:0', `maxclients:${config.get('maxclients')}`],
    Memory: [`used_memory:${used}`, `used_memory_human:${human(used)}`, `maxmemory:${config.get('maxmemory')}`, `maxmemory_policy:${config.get('maxmemory-policy')}`],
    Persistence: ['loading:0', `rdb_changes_since_last_save:${host.dirty}`, 'rdb_bgsave_in_progress:0', `rdb_last_save_time:${Math.floor(host.lastSave / 1000)}`, 'rdb_last_bgsave_status:ok', `aof_enabled:${config.get('appendonly') === 'yes' ? 1 : 0}`],
    Stats: [`total_connections_received:${host.connectionsReceived}`, `total_commands_processed:${host.commandsProcessed}`, `expired_keys:${databases.reduce((n, db) => n + db.expired, 0)}`],
    Replication: ['role:master', 'connected_slaves:0'],
    CPU: [`used_cpu_sys:${((process.machine.processes.get(process.pid)?.cpuMs ?? 0) / 2000).toFixed(6)}`, `used_cpu_user:${((process.machine.processes.get(process.pid)?.cpuMs ?? 0) / 2000).toFixed(6)}`],
    Cluster: ['cluster_enabled:0'],
    Keyspace: databases.flatMap((db, i) => {
      const keys = db.keys();
      return keys.length === 0 ? [] : [`db${i}:keys=${keys.length},expires=${keys.filter((k) => db.expiry(k) !== undefined).length},avg_ttl=0`];
    }),
  }; // prettier-ignore
  const wanted = Object.entries(sections).filter(
    ([name]) => section === undefined || /^(all|default|everything)$/.test(section) || name.toLowerCase() === section,
  );
  return wanted
    .map(([name, lines]) => [`# ${name}`, ...lines, ''].map((line) => `${line}\r\n`).join(''))
    .join('')
    .replace(/\r\n$/, '');
}
