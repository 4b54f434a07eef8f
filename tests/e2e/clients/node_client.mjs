// SPDX-License-Identifier: Apache-2.0
// The npm package @kubernetes/client-node, installed in $CLIENT_NODE_FOLDER, against the cluster of $KUBECONFIG, which has a
// simulated node and is not changed by others.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const folder = createRequire(`${process.env.CLIENT_NODE_FOLDER}/`);
const k8s = await import(pathToFileURL(folder.resolve('@kubernetes/client-node')));

const namespace = 'node-client';
const waitMs = 15_000; // For what the cluster does on its own, such as starting a pod.

const config = new k8s.KubeConfig();
config.loadFromFile(process.env.KUBECONFIG);
const core = config.makeApiClient(k8s.CoreV1Api);
const apps = config.makeApiClient(k8s.AppsV1Api);
const objects = k8s.KubernetesObjectApi.makeApiClient(config);

const configMap = (name, data, labels) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels }, data });
const create = (name, data, labels) => core.createNamespacedConfigMap({ namespace, body: configMap(name, data, labels) });
const read = (name) => core.readNamespacedConfigMap({ namespace, name });
const names = (list) => list.items.map((item) => item.metadata.name);
const as = (type) => k8s.setHeaderOptions('Content-Type', type);

function deployment(name) {
    const env = [{ name: 'FIRST', value: '1' }, { name: 'SECOND', value: '2' }];
    const template = { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image: 'web:1', env }] } };
    return { metadata: { name }, spec: { replicas: 0, selector: { matchLabels: { app: name } }, template } };
}

async function eventually(what, holds) {
    for (const end = Date.now() + waitMs; !(await holds()); await sleep(100))
        assert.ok(Date.now() < end, `no ${what} within ${waitMs} ms`);
}

/// The Status of the refusal.
async function refused(code, reason, call) {
    let status;
    await assert.rejects(call, (error) => {
        status = typeof error.body === 'string' ? JSON.parse(error.body) : error.body;
        assert.deepEqual([error.code, status?.kind, status?.code, status?.reason], [code, 'Status', code, reason], `${error}`);
        return true;
    });
    return status;
}

before(async () => {
    await core.createNamespace({ body: { metadata: { name: namespace } } });
    await eventually('service account', async () => names(await core.listNamespacedServiceAccount({ namespace })).length === 1);
});
after(() => core.deleteNamespace({ name: namespace }));

describe('objects', () => {
    it('are created, read and deleted', async () => {
        const made = await create('crud', { a: '1' });
        assert.ok(made.metadata.creationTimestamp instanceof Date);
        assert.deepEqual(await read('crud'), made);
        await refused(409, 'AlreadyExists', () => create('crud'));
        const deleted = await core.deleteNamespacedConfigMap({ namespace, name: 'crud' });
        assert.equal(deleted.status, 'Success');
        const status = await refused(404, 'NotFound', () => read('crud'));
        assert.equal(status.message, 'configmaps "crud" not found');
    });

    it('are replaced unless they changed meanwhile', async () => {
        const old = await create('replaced', { a: '1' });
        const replace = (body) => core.replaceNamespacedConfigMap({ namespace, name: 'replaced', body });
        await replace({ ...old, data: { a: '2' } });
        await refused(409, 'Conflict', () => replace(old));
        assert.deepEqual((await read('replaced')).data, { a: '2' });
    });

    it('are not kept by a dry run', async () => {
        const made = await core.createNamespacedConfigMap({ namespace, body: configMap('dry'), dryRun: 'All' });
        assert.ok(made.metadata.uid);
        await refused(404, 'NotFound', () => read('dry'));
    });

    it('are refused with the field at fault', async () => {
        const body = deployment('bad');
        body.spec.replicas = -1;
        const status = await refused(422, 'Invalid', () => apps.createNamespacedDeployment({ namespace, body }));
        assert.deepEqual(status.details.causes.map((cause) => cause.field), ['spec.replicas']);
    });

    it('are found by kind alone', async () => {
        const made = await objects.create(configMap('generic', { a: '1' }));
        await objects.replace({ ...made, data: { a: '2' } });
        assert.deepEqual((await objects.read(made)).data, { a: '2' });
        assert.ok(names(await objects.list('v1', 'ConfigMap', namespace)).includes('generic'));
        await objects.delete(made);
        await refused(404, 'NotFound', () => objects.read(made));
    });
});

describe('lists', () => {
    const list = (options) => core.listNamespacedConfigMap({ namespace, ...options });

    before(async () => {
        for (let i = 0; i < 5; ++i)
            await create(`item-${i}`, undefined, { list: 'yes', half: i < 2 ? 'low' : 'high' });
    });
    after(() => core.deleteCollectionNamespacedConfigMap({ namespace, labelSelector: 'list=yes' }));

    it('obey selectors', async () => {
        assert.deepEqual(names(await list({ labelSelector: 'list,half in (low)' })), ['item-0', 'item-1']);
        assert.deepEqual(names(await list({ fieldSelector: 'metadata.name=item-3' })), ['item-3']);
        await refused(400, 'BadRequest', () => list({ labelSelector: 'a==b==c' }));
    });

    it('come in pages', async () => {
        const pages = [];
        let more;
        do {
            const page = await list({ labelSelector: 'list=yes', limit: 2, _continue: more });
            pages.push(names(page));
            more = page.metadata._continue;
        } while (more);
        assert.deepEqual(pages, [['item-0', 'item-1'], ['item-2', 'item-3'], ['item-4']]);
    });
});

describe('watches', () => {
    const path = `/api/v1/namespaces/${namespace}/configmaps`;

    it('show changes from a version on', async () => {
        const { resourceVersion } = (await core.listNamespacedConfigMap({ namespace, limit: 1 })).metadata;
        const seen = [];
        const ended = new Promise((resolve) => {
            new k8s.Watch(config).watch(path, { resourceVersion, labelSelector: 'watch=yes', timeoutSeconds: 2 },
                (type, object) => seen.push(`${type} ${object.metadata.name} ${object.data.a}`), resolve);
        });
        await create('seen', { a: '1' }, { watch: 'yes' });
        const patch = (body) => core.patchNamespacedConfigMap({ namespace, name: 'seen', body }, as(k8s.PatchStrategy.MergePatch));
        await patch({ data: { a: '2' } });
        await patch({ metadata: { labels: { watch: 'no' } } });
        assert.equal(await ended, null, 'no error at the end of its time');
        assert.deepEqual(seen, ['ADDED seen 1', 'MODIFIED seen 2', 'DELETED seen 2']);
    });

    it('feed an informer', async () => {
        const labelSelector = 'informer=yes';
        const listed = () => core.listNamespacedConfigMap({ namespace, labelSelector });
        await create('before', {}, { informer: 'yes' });
        const informer = k8s.makeInformer(config, path, listed, labelSelector);
        const seen = [];
        for (const verb of ['add', 'update', 'delete', 'error'])
            informer.on(verb, (object) => seen.push(`${verb} ${object?.metadata?.name ?? object}`));
        await informer.start();
        await create('later', {}, { informer: 'yes' });
        await core.deleteNamespacedConfigMap({ namespace, name: 'before' });
        await eventually('third event', () => seen.length === 3);
        assert.deepEqual(seen, ['add before', 'add later', 'delete before']);
        assert.deepEqual(informer.list().map((object) => object.metadata.name), ['later']);
        await informer.stop(); // Tells an error of its own making.
    });
});

describe('patches', () => {
    async function patched(name, type, body) {
        await apps.createNamespacedDeployment({ namespace, body: deployment(name) });
        const result = await apps.patchNamespacedDeployment({ namespace, name, body }, as(type));
        await apps.deleteNamespacedDeployment({ namespace, name });
        return (result.spec.template.spec.containers[0].env ?? []).map((variable) => `${variable.name}=${variable.value}`);
    }
    const containers = (env) => ({ spec: { template: { spec: { containers: [{ name: 'web', image: 'web:1', env }] } } } });

    it('merge by key', async () => {
        const env = [{ name: 'SECOND', value: 'two' }, { name: 'FIRST', $patch: 'delete' }];
        assert.deepEqual(await patched('strategic', k8s.PatchStrategy.StrategicMergePatch, containers(env)), ['SECOND=two']);
    });
    it('merge by JSON', async () => {
        const env = [{ name: 'THIRD', value: '3' }];
        assert.deepEqual(await patched('merge', k8s.PatchStrategy.MergePatch, containers(env)), ['THIRD=3']);
    });
    it('are lists of operations', async () => {
        const body = [{ op: 'remove', path: '/spec/template/spec/containers/0/env/1' }];
        assert.deepEqual(await patched('json', k8s.PatchStrategy.JsonPatch, body), ['FIRST=1']);
    });
    it('apply with an owner', async () => {
        const apply = (fieldManager, data, force) =>
            objects.patch(configMap('applied', data), undefined, undefined, fieldManager, force, k8s.PatchStrategy.ServerSideApply);
        const made = await apply('one', { a: '1', b: '1' });
        assert.deepEqual(made.metadata.managedFields.map((entry) => [entry.manager, entry.operation]), [['one', 'Apply']]);
        const status = await refused(409, 'Conflict', () => apply('two', { a: '2' }));
        assert.deepEqual(status.details.causes.map((cause) => cause.field), ['.data.a']);
        assert.deepEqual((await apply('two', { a: '2' }, true)).data, { a: '2', b: '1' });
        assert.deepEqual((await apply('one', {})).data, { a: '2' });
    });
});

describe('pods', () => {
    const name = 'tool';

    before(async () => {
        const container = { name: 'main', image: 'tool:1', command: ['sh', '-c', 'echo first; echo second; cat'] };
        await core.createNamespacedPod({ namespace, body: { metadata: { name }, spec: { containers: [container] } } });
        await eventually('running pod', async () => (await core.readNamespacedPod({ namespace, name })).status.phase === 'Running');
    });
    after(() => core.deleteNamespacedPod({ namespace, name, gracePeriodSeconds: 0 }));

    /// What a command says, and the Status of its end.
    async function exec(command, input) {
        const [out, err] = [new PassThrough(), new PassThrough()];
        const status = await new Promise((resolve, reject) => {
            new k8s.Exec(config).exec(namespace, name, 'main', command, out, err, input, false, resolve).catch(reject);
        });
        out.end();
        err.end();
        return [await text(out), await text(err), status];
    }

    it('run commands', async () => {
        const [out, err, status] = await exec(['sh', '-c', 'echo out; echo err >&2; exit 3'], null);
        assert.deepEqual([out, err, status.reason, status.details.causes],
            ['out\n', 'err\n', 'NonZeroExitCode', [{ reason: 'ExitCode', message: '3' }]]);
        assert.equal((await exec(['echo', 'word'], null))[2].status, 'Success');
    });

    it('run commands on input to its end', async () => {
        const [out, , status] = await exec(['cat'], Readable.from(['typed\n']));
        assert.deepEqual([out, status.status], ['typed\n', 'Success']);
    });

    it('tell their log', async () => {
        assert.equal(await core.readNamespacedPodLog({ namespace, name }), 'first\nsecond\n');
        const stream = new PassThrough();
        await new k8s.Log(config).log(namespace, name, 'main', stream, { tailLines: 1 });
        assert.equal(await text(stream), 'second\n');
        await refused(400, 'BadRequest', () => core.readNamespacedPodLog({ namespace, name, container: 'none' }));
    });
});

describe('custom kinds', () => {
    const group = 'node.example.com';
    const where = { group, version: 'v1', namespace, plural: 'boats' };
    const boats = config.makeApiClient(k8s.CustomObjectsApi);
    const definitions = config.makeApiClient(k8s.ApiextensionsV1Api);
    const name = `boats.${group}`;
    const boat = (boatName, spec) => ({ apiVersion: `${group}/v1`, kind: 'Boat', metadata: { name: boatName, namespace }, spec });

    before(async () => {
        const spec = {
            type: 'object', required: ['sails'],
            properties: { sails: { type: 'integer', minimum: 1 }, colour: { type: 'string', _default: 'white' } },
        };
        const schema = { openAPIV3Schema: { type: 'object', properties: { spec } } };
        await definitions.createCustomResourceDefinition({
            body: {
                metadata: { name },
                spec: {
                    group, scope: 'Namespaced', names: { plural: 'boats', kind: 'Boat' },
                    versions: [{ name: 'v1', served: true, storage: true, schema }],
                },
            },
        });
        await eventually('established kind', async () =>
            (await definitions.readCustomResourceDefinition({ name })).status?.conditions
                ?.some((condition) => condition.type === 'Established' && condition.status === 'True'));
    });
    after(() => definitions.deleteCustomResourceDefinition({ name }));

    it('are created, changed and deleted', async () => {
        const made = await boats.createNamespacedCustomObject({ ...where, body: boat('crud', { sails: 2 }) });
        assert.deepEqual(made.spec, { sails: 2, colour: 'white' });
        const body = [{ op: 'replace', path: '/spec/sails', value: 3 }];
        const patched = await boats.patchNamespacedCustomObject({ ...where, name: 'crud', body }, as(k8s.PatchStrategy.JsonPatch));
        assert.equal(patched.spec.sails, 3);
        const status = await refused(422, 'Invalid', () =>
            boats.createNamespacedCustomObject({ ...where, body: boat('bad', { sails: 0 }) }));
        assert.deepEqual(status.details.causes.map((cause) => cause.field), ['spec.sails']);
        await boats.deleteNamespacedCustomObject({ ...where, name: 'crud' });
        await refused(404, 'NotFound', () => boats.getNamespacedCustomObject({ ...where, name: 'crud' }));
    });

    it('are watched', async () => {
        const { resourceVersion } = (await boats.listNamespacedCustomObject(where)).metadata;
        const seen = [];
        const path = `/apis/${group}/v1/namespaces/${namespace}/boats`;
        const ended = new Promise((resolve) => {
            new k8s.Watch(config).watch(path, { resourceVersion, timeoutSeconds: 2 },
                (type, object) => seen.push(`${type} ${object.metadata.name} ${object.spec.sails}`), resolve);
        });
        await boats.createNamespacedCustomObject({ ...where, body: boat('seen', { sails: 1 }) });
        await boats.deleteNamespacedCustomObject({ ...where, name: 'seen' });
        assert.equal(await ended, null);
        assert.deepEqual(seen, ['ADDED seen 1', 'DELETED seen 1']);
    });

    it('are applied by kind alone', async () => {
        const made = await objects.patch(boat('applied', { sails: 1 }), undefined, undefined, 'one', true,
            k8s.PatchStrategy.ServerSideApply);
        assert.deepEqual(made.metadata.managedFields.map((entry) => [entry.manager, entry.operation]), [['one', 'Apply']]);
        assert.deepEqual((await objects.read(made)).spec, { sails: 1, colour: 'white' });
    });
});

describe('the cluster', () => {
    it('says its version', async () => {
        assert.equal((await config.makeApiClient(k8s.VersionApi).getCode()).minor, '32');
    });
    it('scales', async () => {
        await apps.createNamespacedDeployment({ namespace, body: deployment('scaled') });
        const scale = await apps.readNamespacedDeploymentScale({ namespace, name: 'scaled' });
        scale.spec.replicas = 2;
        delete scale.metadata.resourceVersion; // The deployment's own controller writes too.
        const scaled = await apps.replaceNamespacedDeploymentScale({ namespace, name: 'scaled', body: scale });
        assert.deepEqual([scaled.spec.replicas, scaled.status.selector], [2, 'app=scaled']);
    });
});
