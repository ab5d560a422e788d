// The proxies of deploy/, started on free ports in front of instances of the app, with a certificate made for the test.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { projectFolder } from '../support/programs.js';
import { freePort, Server } from '../support/servers.js';

const START_LIMIT_MS = 10_000;

/** The proxies by name: the program, and how to run it with a file of deploy/ and other ports and addresses. */
const PROXIES = {
  nginx: {
    file: 'nginx.conf',
    args: (config, folder) => ['-c', config, '-p', folder, '-e', 'stderr', '-g', `daemon off; pid ${folder}/nginx.pid;`],
    adapt: (text, { http, https, instances, folder }) =>
      temporary(text, folder)
        .replace('listen 80;', `listen 127.0.0.1:${http};`)
        .replace('listen 443 ssl', `listen 127.0.0.1:${https} ssl`)
        .replace('https://$host$', `https://$host:${https}$`)
        .replace('127.0.0.1:3001', `127.0.0.1:${instances[0]}`)
        .replace('127.0.0.1:3002', `127.0.0.1:${instances[1]}`)
        .replace('/etc/ssl/app.example.pem', `${folder}/certificate.pem`)
        .replace('/etc/ssl/app.example.key', `${folder}/certificate.key`)
        .replaceAll('app.example', 'localhost'),
  },
  haproxy: {
    file: 'haproxy.cfg',
    args: (config) => ['-db', '-f', config],
    adapt: (text, { http, https, instances, folder }) =>
      text
        .replace('bind :80', `bind 127.0.0.1:${http}`)
        .replace('bind :443', `bind 127.0.0.1:${https}`)
        .replace('redirect scheme https', `redirect prefix https://localhost:${https}`)
        .replace('127.0.0.1:3001', `127.0.0.1:${instances[0]}`)
        .replace('127.0.0.1:3002', `127.0.0.1:${instances[1]}`)
        .replace('/etc/ssl/app.example.pem', `${folder}/both.pem`)
        .replaceAll('app.example', 'localhost'),
  },
  caddy: {
    file: 'Caddyfile',
    args: (config) => ['run', '--adapter', 'caddyfile', '--config', config],
    env: ({ https, instances, folder }) => ({
      APP_HOST: `https://localhost:${https}`,
      APP_INSTANCES: instances.map((port) => `127.0.0.1:${port}`).join(' '),
      HOME: folder,
    }),
    adapt: (text, { http, folder }) =>
      `{\n\tadmin off\n\tskip_install_trust\n\thttp_port ${http}\n}\n${text.replace('\treverse_proxy', `\ttls ${folder}/certificate.pem ${folder}/certificate.key\n\treverse_proxy`)}`,
  },
};

export const proxyNames = Object.keys(PROXIES);

/** True if the program is installed. */
export function isInstalled(name) {
  return spawnSync(programOf(name), [name === 'caddy' ? 'version' : '-v']).error === undefined;
}

/** A proxy with TLS, at `https://localhost:PORT`. */
export class Proxy {
  #folder = mkdtempSync(join(tmpdir(), 'proxy-'));
  #server;
  #name;
  http;
  https;

  /** Chooses its ports, before the app is started, which must know its origin. */
  static async prepare(name) {
    const proxy = new Proxy();
    proxy.#name = name;
    [proxy.http, proxy.https] = [await freePort(), await freePort()];
    return proxy;
  }

  get origin() {
    return `https://localhost:${this.https}`;
  }

  get log() {
    return this.#server.log;
  }

  get certificate() {
    return readFileSync(join(this.#folder, 'certificate.pem'));
  }

  /** Starts it in front of instances on these two ports. */
  async start(instances) {
    const { file, args, env, adapt } = PROXIES[this.#name];
    const folder = this.#folder;
    // nginx gives up root's rights.
    chmodSync(folder, 0o755);
    makeCertificate(folder);
    const setting = { http: this.http, https: this.https, instances, folder };
    const config = join(folder, file);
    writeFileSync(config, adapt(readFileSync(join(projectFolder, 'deploy', file), 'utf8'), setting));
    // Proxies do not report when they are ready. If this one exits at once, its log has the reason.
    const command = [programOf(this.#name), ...args(config, folder)];
    this.#server = new Server({ command: 'sh', args: ['-c', 'echo starting; exec "$@"', 'sh', ...command], env: env?.(setting), ready: /starting/ });
    await this.#server.start();
    for (const from = Date.now(); !(await answers(this.https)); await wait(50)) {
      if (Date.now() - from > START_LIMIT_MS) throw new Error(`${this.#name} did not start:\n${this.#server.log}`);
    }
  }

  async dispose() {
    // nginx would leave its workers running after SIGKILL.
    await this.#server?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Debian installs nginx and haproxy in a folder that is not on a user's PATH. */
function programOf(name) {
  const inSbin = `/usr/sbin/${name}`;
  return spawnSync('test', ['-x', inSbin]).status === 0 ? inSbin : name;
}

/** Logs to the standard error output, and keeps temporary files in the test's folder, also without root's rights. */
function temporary(text, folder) {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`);
  return text.replace('http {', `http {\naccess_log off;\n${kinds.join('\n')}`);
}

function makeCertificate(folder) {
  const [key, certificate] = [join(folder, 'certificate.key'), join(folder, 'certificate.pem')];
  const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
  execFileSync('openssl', ['req', '-x509', ...options, '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  writeFileSync(join(folder, 'both.pem'), readFileSync(certificate, 'utf8') + readFileSync(key, 'utf8'));
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.on('close', () => {}).unref();
    socket.once('connect', () => socket.destroy());
  });
}
