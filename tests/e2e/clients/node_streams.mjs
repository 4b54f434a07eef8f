// SPDX-License-Identifier: Apache-2.0
// The npm package @kubernetes/client-node and containers that really run: streams into them, and what becomes of them. The
// cluster of $KUBECONFIG has the pods that client_streams_test makes; $IMAGE has a shell and a web server.
import assert from 'node:assert/strict';
import { mkdtemp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const packages = createRequire(`${process.env.CLIENT_NODE_FOLDER}/`);
const k8s = await import(pathToFileURL(packages.resolve('@kubernetes/client-node')));
const tar = packages('tar-fs');

const namespace = 'default';
const waitMs = 30_000;

const config = new k8s.KubeConfig();
config.loadFromFile(process.env.KUBECONFIG);
const core = config.makeApiClient(k8s.CoreV1Api);
const apps = config.makeApiClient(k8s.AppsV1Api);

async function eventually(what, holds) {
    for (const end = Date.now() + waitMs; !(await holds()); await sleep(100))
        assert.ok(Date.now() < end, `no ${what} within ${waitMs} ms`);
}

/// Takes what is written to it; `text` is all of it so far.
class Sink extends PassThrough {
    chunks = [];
    constructor() {
        super();
        this.on('data', (chunk) => this.chunks.push(Buffer.from(chunk)));
    }
    get bytes() { return Buffer.concat(this.chunks); }
    get text() { return this.bytes.toString(); }
}

/// What a command says, and the Status of its end.
async function exec(command, input, pod = 'web') {
    const [out, err] = [new Sink(), new Sink()];
    const status = await new Promise((resolve, reject) => {
        new k8s.Exec(config).exec(namespace, pod, 'main', command, out, err, input, false, resolve).catch(reject);
    });
    await sleep(0); // what is in the streams arrives
    return { out: out.text, bytes: out.bytes, err: err.text, status };
}

describe('exec', () => {
    it('sends both ways and tells the code', async () => {
        const { out, err, status } = await exec(['sh', '-c', 'cat; echo err >&2; exit 7'], Readable.from(['typed\n']));
        assert.deepEqual([out, err, status.details.causes], ['typed\n', 'err\n', [{ reason: 'ExitCode', message: '7' }]]);
    });
    it('carries much', async () => {
        const content = 'x'.repeat(20_000_000);
        assert.equal((await exec(['wc', '-c'], Readable.from([content]))).out.trim(), '20000000', 'in one message');
        assert.equal((await exec(['sh', '-c', "head -c 20000000 /dev/zero | tr '\\0' x"], null)).out, content);
    });
});

describe('attach', () => {
    it('talks to the process that runs', async () => {
        const [out, input] = [new Sink(), new PassThrough()];
        const socket = await new k8s.Attach(config).attach(namespace, 'echo', 'main', out, null, input, false);
        input.write('from node\n');
        await eventually('answer', () => out.text.includes('heard from node\n'));
        socket.close();
        await eventually('line of the log', async () =>
            (await core.readNamespacedPodLog({ namespace, name: 'echo' })).includes('heard from node\n'));
    });
});

describe('port-forward', () => {
    async function get(port) {
        const [out, err, input] = [new Sink(), new Sink(), new PassThrough()];
        const socket = await new k8s.PortForward(config).portForward(namespace, 'web', [port], out, err, input);
        const closed = new Promise((resolve) => { socket.onclose = resolve; });
        input.write('GET / HTTP/1.0\r\n\r\n');
        await Promise.race([closed, eventually('answer', () => /\n$/.test(out.text) || err.text)]);
        socket.close();
        return [out.text, err.text];
    }
    it('reaches the port', async () => {
        for (let i = 0; i < 2; ++i) {
            const [answer, error] = await get(8080);
            assert.match(answer, /^HTTP\/1.1 200[^]*\nweb\n$/);
            assert.equal(error, '');
        }
    });
    it('tells of a port where nobody listens', async () => {
        const [answer, error] = await get(9);
        assert.equal(answer, '');
        assert.match(error, /9/);
    });
});

describe('copies', () => {
    const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 256));
    it('go to a pod and come back', async () => {
        const folder = await mkdtemp(join(tmpdir(), 'node-streams-'));
        await mkdir(join(folder, 'sent'));
        await writeFile(join(folder, 'sent', 'node.bin'), content);
        await new k8s.Cp(config).cpToPod(namespace, 'web', 'main', folder, '/tmp');
        await eventually('file', async () => (await exec(['sh', '-c', 'wc -c < /tmp/sent/node.bin'], null)).out.trim() === '300000');
        // The package's own cpFromPod asks for a gzipped archive and reads it as a plain one.
        const { bytes, status } = await exec(['tar', 'cf', '-', '-C', '/tmp', 'sent'], null);
        assert.equal(status.status, 'Success');
        await pipeline(Readable.from([bytes]), tar.extract(join(folder, 'back')));
        assert.deepEqual(await readFile(join(folder, 'back', 'sent', 'node.bin')), content);
    });
});

describe('a deployment', () => {
    const name = 'node';
    const labelSelector = `app=${name}`;
    const pods = async () => (await core.listNamespacedPod({ namespace, labelSelector })).items.map((pod) => pod.metadata.name);

    it('lives', async () => {
        const command = ['sh', '-c', 'i=0; while :; do i=$((i+1)); echo $WORD $i; sleep 0.2; done'];
        const main = (word) => ({ name: 'main', image: process.env.IMAGE, command, env: [{ name: 'WORD', value: word }] });
        const template = { metadata: { labels: { app: name } }, spec: { terminationGracePeriodSeconds: 0, containers: [main('one')] } };
        await apps.createNamespacedDeployment({
            namespace, body: { metadata: { name }, spec: { selector: { matchLabels: { app: name } }, template } },
        });
        const status = async () => (await apps.readNamespacedDeployment({ namespace, name })).status;
        await eventually('available pod', async () => (await status()).availableReplicas === 1);
        const [first] = await pods();

        const seen = [];
        const watch = await new k8s.Watch(config).watch(`/api/v1/namespaces/${namespace}/pods`, { labelSelector },
            (type, pod) => seen.push(`${type} ${pod.metadata.name === first ? 'first' : 'second'}`), () => {});
        const lines = new Sink();
        const following = await new k8s.Log(config).log(namespace, first, 'main', lines, { follow: true });
        await eventually('third line', () => lines.text.startsWith('one 1\none 2\none 3\n'));
        following.abort();

        await apps.patchNamespacedDeployment(
            { namespace, name, body: { spec: { template: { spec: { containers: [{ name: 'main', env: main('two').env }] } } } } },
            k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.StrategicMergePatch));
        await eventually('end of the first pod', () => seen.includes('DELETED first'));
        assert.ok(seen.includes('ADDED second'), seen.join());
        watch.abort();
        const [second] = await pods();
        assert.equal((await exec(['sh', '-c', 'echo $WORD'], null, second)).out, 'two\n');

        await apps.deleteNamespacedDeployment({ namespace, name, propagationPolicy: 'Foreground' });
        await eventually('end of the pods', async () => (await pods()).length === 0);
    });
});
