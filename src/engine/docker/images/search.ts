import type { DockerEngine } from '../engine.ts';
import { Filters } from '../filters.ts';
import { json, type RouteRequest } from '../router.ts';

/** What Docker Hub says of repositories that people look for. */
const known: readonly (readonly [name: string, description: string, stars: number, official: boolean])[] = [
  ['nginx', 'Official build of Nginx.', 21100, true],
  ['nginx/nginx-ingress', 'NGINX and NGINX Plus Ingress Controllers fo…', 110, false],
  ['bitnami/nginx', 'Bitnami container image for NGINX', 200, false],
  ['ubuntu', 'Ubuntu is a Debian-based Linux operating sys…', 17600, true],
  ['ubuntu/nginx', 'Nginx, a high-performance reverse proxy & we…', 131, false],
  ['alpine', 'A minimal Docker image based on Alpine Linux…', 11300, true],
  ['busybox', 'Busybox base image.', 3470, true],
  ['debian', 'Debian is a Linux distribution that is compo…', 5200, true],
  ['centos', 'DEPRECATED; The official build of CentOS.', 7790, true],
  ['hello-world', 'Hello World! (an example of minimal Dockeriz…', 2480, true],
  ['httpd', 'The Apache HTTP Server Project', 4890, true],
  ['redis', 'Redis is the world’s fastest data platform f…', 13500, true],
  ['mysql', 'MySQL is a widely used, open-source relation…', 15900, true],
  ['bitnami/mysql', 'Bitnami container image for MySQL', 130, false],
  ['mariadb', 'MariaDB Server is a high performing open sou…', 6050, true],
  ['postgres', 'The PostgreSQL object-relational database sy…', 14500, true],
  ['mongo', 'MongoDB document databases provide high avai…', 10500, true],
  ['memcached', 'Free & open source, high-performance, distri…', 2400, true],
  ['rabbitmq', 'RabbitMQ is an open source multi-protocol me…', 5300, true],
  ['node', 'Node.js is a JavaScript-based platform for s…', 14100, true],
  ['python', 'Python is an interpreted, interactive, objec…', 10200, true],
  ['golang', 'Go (golang) is a general purpose, higher-lev…', 5060, true],
  ['perl', 'Perl is a high-level, general-purpose, inter…', 330, true],
  ['registry', 'Distribution implementation for storing and …', 4200, true],
  ['traefik', 'Traefik, The Cloud Native Edge Router', 3520, true],
  ['traefik/whoami', 'Tiny Go webserver that prints OS information…', 120, false],
  ['curlimages/curl', 'official docker image for curl - command lin…', 350, false],
];

/** `GET /images/search`: as Hub sends it, most fitting first. */
export function searchImages(engine: DockerEngine, request: RouteRequest) {
  const term = request.query
    .get('term')
    .replace(/^docker\.io\//, '')
    .replace(/^library\//, '');
  const limit = request.query.int('limit') ?? 25;
  const filters = Filters.parse(request.query.get('filters'), ['is-automated', 'is-official', 'stars']);
  engine.registry.reach('docker.io', `/v1/search?q=${encodeURIComponent(term)}&n=${limit}`);
  const official = filters.bool('is-official');
  const automated = filters.bool('is-automated');
  const stars = Math.max(0, ...filters.get('stars').map(Number));
  const found = known
    .filter(([name, description]) => name.includes(term) || description.toLowerCase().includes(term.toLowerCase()))
    .filter(
      ([, , count, isOfficial]) =>
        count >= stars && (official === undefined || official === isOfficial) && automated !== true,
    )
    .sort((a, b) => rank(b, term) - rank(a, term))
    .slice(0, limit);
  return json(
    found.map(([name, description, star_count, is_official]) => ({
      star_count,
      is_official,
      name,
      is_automated: false,
      description,
    })),
  );
}

function rank([name, , stars, official]: (typeof known)[number], term: string): number {
  return (name === term ? 1e9 : 0) + (official ? 1e6 : 0) + stars;
}
