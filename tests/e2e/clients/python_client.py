# SPDX-License-Identifier: Apache-2.0
"""Debian's python3-kubernetes against the cluster of $KUBECONFIG, which has a simulated node and is not changed by others."""

import base64
import json
import os
import tempfile
import threading
import time
import unittest

import yaml
from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.rest import ApiException
from kubernetes.stream import stream

NAMESPACE = "python-client"
WAIT_SECONDS = 15  # For what the cluster does on its own, such as starting a pod.


def setUpModule():
    config.load_kube_config(os.environ["KUBECONFIG"])
    client.CoreV1Api().create_namespace({"metadata": {"name": NAMESPACE}})
    eventually("service account", lambda: service_accounts() == ["default"])
    eventually("ready node", lambda: ready_nodes() == ["True"])


def tearDownModule():
    client.CoreV1Api().delete_namespace(NAMESPACE)


def service_accounts():
    return names(client.CoreV1Api().list_namespaced_service_account(NAMESPACE))


def ready_nodes():
    return [condition.status for node in client.CoreV1Api().list_node().items
            for condition in node.status.conditions or [] if condition.type == "Ready"]


def eventually(what, holds):
    end = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < end, f"no {what} within {WAIT_SECONDS} s"
        time.sleep(0.1)


def names(listed):
    return [item.metadata.name for item in listed.items]


def config_map(name, data=None, labels=None):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels=labels), data=data)


def deployment(name, image="web:1"):
    container = client.V1Container(
        name="web", image=image, ports=[client.V1ContainerPort(container_port=80)],
        env=[client.V1EnvVar(name="FIRST", value="1"), client.V1EnvVar(name="SECOND", value="2")])
    template = client.V1PodTemplateSpec(metadata=client.V1ObjectMeta(labels={"app": name}),
                                        spec=client.V1PodSpec(containers=[container]))
    return client.V1Deployment(
        metadata=client.V1ObjectMeta(name=name),
        spec=client.V1DeploymentSpec(replicas=0, selector={"matchLabels": {"app": name}}, template=template))


class ClientTest(unittest.TestCase):
    def setUp(self):
        self.core = client.CoreV1Api()
        self.apps = client.AppsV1Api()

    def assertRefused(self, code, reason, call, *arguments, **options):
        """The Status of the refusal."""
        with self.assertRaises(ApiException) as caught:
            call(*arguments, **options)
        status = json.loads(caught.exception.body)
        self.assertEqual((caught.exception.status, status["kind"], status["code"], status["reason"]),
                         (code, "Status", code, reason), status)
        return status


class Objects(ClientTest):
    def test_create_read_delete(self):
        made = self.core.create_namespaced_config_map(NAMESPACE, config_map("crud", {"a": "1"}))
        self.assertTrue(made.metadata.uid and made.metadata.resource_version)
        self.assertIsNotNone(made.metadata.creation_timestamp.tzinfo)
        read = self.core.read_namespaced_config_map("crud", NAMESPACE)
        self.assertEqual(read.to_dict(), made.to_dict())
        self.assertRefused(409, "AlreadyExists", self.core.create_namespaced_config_map, NAMESPACE, config_map("crud"))
        deleted = self.core.delete_namespaced_config_map("crud", NAMESPACE)
        self.assertEqual((deleted.status, deleted.details.name), ("Success", "crud"))
        status = self.assertRefused(404, "NotFound", self.core.read_namespaced_config_map, "crud", NAMESPACE)
        self.assertEqual(status["message"], 'configmaps "crud" not found')

    def test_delete_with_preconditions(self):
        made = self.core.create_namespaced_config_map(NAMESPACE, config_map("kept"))
        self.assertRefused(409, "Conflict", self.core.delete_namespaced_config_map, "kept", NAMESPACE,
                           body=client.V1DeleteOptions(preconditions=client.V1Preconditions(uid="another")))
        self.core.delete_namespaced_config_map(
            "kept", NAMESPACE, body=client.V1DeleteOptions(preconditions=client.V1Preconditions(uid=made.metadata.uid)))

    def test_replace_conflicts(self):
        old = self.core.create_namespaced_config_map(NAMESPACE, config_map("replaced", {"a": "1"}))
        new = self.core.read_namespaced_config_map("replaced", NAMESPACE)
        new.data = {"a": "2"}
        replaced = self.core.replace_namespaced_config_map("replaced", NAMESPACE, new)
        self.assertNotEqual(replaced.metadata.resource_version, old.metadata.resource_version)
        self.assertRefused(409, "Conflict", self.core.replace_namespaced_config_map, "replaced", NAMESPACE, old)
        self.assertEqual(self.core.read_namespaced_config_map("replaced", NAMESPACE).data, {"a": "2"})

    def test_invalid(self):
        bad = deployment("bad")
        bad.spec.replicas = -1
        status = self.assertRefused(422, "Invalid", self.apps.create_namespaced_deployment, NAMESPACE, bad)
        self.assertEqual([cause["field"] for cause in status["details"]["causes"]], ["spec.replicas"])

    def test_dry_run(self):
        made = self.core.create_namespaced_config_map(NAMESPACE, config_map("dry"), dry_run="All")
        self.assertTrue(made.metadata.uid)
        self.assertRefused(404, "NotFound", self.core.read_namespaced_config_map, "dry", NAMESPACE)
        self.core.create_namespaced_config_map(NAMESPACE, config_map("dry", {"a": "1"}))
        self.core.replace_namespaced_config_map("dry", NAMESPACE, config_map("dry", {"a": "2"}), dry_run="All")
        patched = self.core.patch_namespaced_config_map("dry", NAMESPACE, {"data": {"a": "3"}}, dry_run="All")
        self.assertEqual(patched.data, {"a": "3"})
        self.core.delete_namespaced_config_map("dry", NAMESPACE, dry_run="All")
        self.assertEqual(self.core.read_namespaced_config_map("dry", NAMESPACE).data, {"a": "1"})

    def test_generate_name(self):
        body = client.V1ConfigMap(metadata=client.V1ObjectMeta(generate_name="made-"))
        made = self.core.create_namespaced_config_map(NAMESPACE, body)
        self.assertRegex(made.metadata.name, "^made-[a-z0-9]{5}$")

    def test_secret_of_bytes(self):
        body = client.V1Secret(metadata=client.V1ObjectMeta(name="secret"), string_data={"word": "open"})
        self.assertEqual(self.core.create_namespaced_secret(NAMESPACE, body).data, {"word": "b3Blbg=="})

    def test_create_from_yaml(self):
        text = """
apiVersion: v1
kind: Service
metadata: {name: yaml}
spec: {selector: {app: yaml}, ports: [{port: 80, targetPort: web}]}
"""
        utils.create_from_yaml(client.ApiClient(), yaml_objects=list(yaml.safe_load_all(text)), namespace=NAMESPACE)
        service = self.core.read_namespaced_service("yaml", NAMESPACE)
        self.assertEqual((service.spec.type, service.spec.ports[0].target_port), ("ClusterIP", "web"))
        self.assertRegex(service.spec.cluster_ip, r"^10\.96\.")


class Lists(ClientTest):
    def setUp(self):
        super().setUp()
        for i in range(5):
            labels = {"list": "yes", "half": "low" if i < 2 else "high"}
            self.core.create_namespaced_config_map(NAMESPACE, config_map(f"item-{i}", labels=labels))

    def tearDown(self):
        self.core.delete_collection_namespaced_config_map(NAMESPACE, label_selector="list=yes")
        self.assertEqual(self.listed(label_selector="list"), [])

    def listed(self, **options):
        return names(self.core.list_namespaced_config_map(NAMESPACE, **options))

    def test_selectors(self):
        self.assertEqual(self.listed(label_selector="list=yes,half=low"), ["item-0", "item-1"])
        self.assertEqual(self.listed(label_selector="half notin (low),list"), ["item-2", "item-3", "item-4"])
        self.assertEqual(self.listed(field_selector="metadata.name=item-3"), ["item-3"])
        self.assertEqual(self.listed(field_selector="metadata.name!=item-3", label_selector="half=high"),
                         ["item-2", "item-4"])
        self.assertRefused(400, "BadRequest", self.core.list_namespaced_config_map, NAMESPACE,
                           field_selector="data.a=1")

    def test_pages(self):
        options = {"label_selector": "list=yes", "limit": 2}
        pages, more = [], ""
        while more is not None:
            page = self.core.list_namespaced_config_map(NAMESPACE, _continue=more, **options)
            pages.append((names(page), page.metadata.remaining_item_count))
            more = page.metadata._continue
        # With a selector the server does not count what remains.
        self.assertEqual(pages, [(["item-0", "item-1"], None), (["item-2", "item-3"], None), (["item-4"], None)])

    def test_pages_show_one_version(self):
        page = self.core.list_namespaced_config_map(NAMESPACE, limit=1)
        self.core.create_namespaced_config_map(NAMESPACE, config_map("zz-later", labels={"list": "yes"}))
        rest = self.core.list_namespaced_config_map(NAMESPACE, limit=500, _continue=page.metadata._continue)
        self.assertEqual(rest.metadata.resource_version, page.metadata.resource_version)
        self.assertEqual(len(rest.items), page.metadata.remaining_item_count)
        self.assertNotIn("zz-later", names(rest))

    def test_every_kind(self):
        """The client's own types refuse an object that lacks a required field."""
        lists = [(api, name) for api in (client.CoreV1Api, client.AppsV1Api, client.BatchV1Api, client.PolicyV1Api,
                                         client.AutoscalingV1Api, client.NetworkingV1Api, client.DiscoveryV1Api,
                                         client.StorageV1Api, client.RbacAuthorizationV1Api, client.CoordinationV1Api,
                                         client.EventsV1Api, client.CertificatesV1Api, client.SchedulingV1Api,
                                         client.NodeV1Api, client.AdmissionregistrationV1Api, client.ApiextensionsV1Api,
                                         client.ApiregistrationV1Api)
                 for name in dir(api) if name.startswith("list_") and not name.endswith("_with_http_info")
                 and "_namespaced_" not in name and name != "list_component_status"]
        self.assertGreater(len(lists), 40)
        for api, name in lists:
            with self.subTest(name):
                getattr(api(), name)()

    def test_autoscalers_of_the_older_version(self):
        """Kept as autoscaling/v2, which this client knows as a beta alone."""
        autoscaling = client.AutoscalingV1Api()
        reference = client.V1CrossVersionObjectReference(api_version="apps/v1", kind="Deployment", name="web")
        spec = client.V1HorizontalPodAutoscalerSpec(
            max_replicas=3, scale_target_ref=reference, target_cpu_utilization_percentage=50)
        body = client.V1HorizontalPodAutoscaler(metadata=client.V1ObjectMeta(name="web"), spec=spec)
        made = autoscaling.create_namespaced_horizontal_pod_autoscaler(NAMESPACE, body)
        self.assertEqual((made.api_version, made.spec.min_replicas), ("autoscaling/v1", 1))
        made.spec.target_cpu_utilization_percentage = 60
        autoscaling.replace_namespaced_horizontal_pod_autoscaler("web", NAMESPACE, made)
        patched = autoscaling.patch_namespaced_horizontal_pod_autoscaler("web", NAMESPACE, {"spec": {"maxReplicas": 5}})
        self.assertEqual((patched.spec.max_replicas, patched.spec.target_cpu_utilization_percentage), (5, 60))
        newer = client.CustomObjectsApi().get_namespaced_custom_object(
            "autoscaling", "v2", NAMESPACE, "horizontalpodautoscalers", "web")
        self.assertEqual(newer["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"], 60)
        first = next(watch.Watch().stream(autoscaling.list_namespaced_horizontal_pod_autoscaler, NAMESPACE,
                                          timeout_seconds=WAIT_SECONDS))
        self.assertEqual((first["type"], first["object"].spec.max_replicas), ("ADDED", 5))
        autoscaling.delete_collection_namespaced_horizontal_pod_autoscaler(NAMESPACE)
        self.assertEqual(autoscaling.list_namespaced_horizontal_pod_autoscaler(NAMESPACE).items, [])

    def test_events_of_both_groups(self):
        events = client.EventsV1Api()
        body = client.EventsV1Event(
            metadata=client.V1ObjectMeta(name="both-groups"), event_time="2026-01-31T12:00:00.000000Z",
            regarding=client.V1ObjectReference(kind="Pod", name="web", namespace=NAMESPACE), note="it fell over",
            reason="Fell", type="Warning", action="Watch", reporting_controller="example.org/watch",
            reporting_instance="w1")
        events.create_namespaced_event(NAMESPACE, body)
        self.assertEqual(self.core.read_namespaced_event("both-groups", NAMESPACE).message, "it fell over")
        found = events.list_namespaced_event(NAMESPACE, field_selector="regarding.name=web,reason=Fell").items
        self.assertEqual([event.note for event in found], ["it fell over"])
        events.delete_namespaced_event("both-groups", NAMESPACE)
        self.assertRefused(404, "NotFound", self.core.read_namespaced_event, "both-groups", NAMESPACE)


class Watches(ClientTest):
    def events(self, expected, label, **options):
        """As "TYPE name data"; ends with the expected number."""
        seen, watcher = [], watch.Watch()
        for event in watcher.stream(self.core.list_namespaced_config_map, NAMESPACE, label_selector=label,
                                    timeout_seconds=WAIT_SECONDS, **options):
            self.assertIsInstance(event["object"], client.V1ConfigMap)
            seen.append(f'{event["type"]} {event["object"].metadata.name} {event["object"].data}')
            if len(seen) == expected:
                watcher.stop()
        return seen

    def change(self):
        self.core.create_namespaced_config_map(NAMESPACE, config_map("seen", {"a": "1"}, {"watch": "yes"}))
        self.core.patch_namespaced_config_map("seen", NAMESPACE, {"data": {"a": "2"}})
        self.core.patch_namespaced_config_map("seen", NAMESPACE, {"metadata": {"labels": {"watch": "no"}}})
        self.core.delete_namespaced_config_map("seen", NAMESPACE)

    changes = ["ADDED seen {'a': '1'}", "MODIFIED seen {'a': '2'}", "DELETED seen {'a': '2'}"]

    def test_from_a_version_on(self):
        version = self.core.list_namespaced_config_map(NAMESPACE, limit=1).metadata.resource_version
        self.change()
        self.assertEqual(self.events(3, "watch=yes", resource_version=version), self.changes)

    def test_while_it_happens(self):
        version = self.core.list_namespaced_config_map(NAMESPACE, limit=1).metadata.resource_version
        timer = threading.Timer(0.3, self.change)
        timer.start()
        self.assertEqual(self.events(3, "watch=yes", resource_version=version), self.changes)
        timer.join()

    def test_timeout(self):
        ended = list(watch.Watch().stream(self.core.list_namespaced_config_map, NAMESPACE, timeout_seconds=1,
                                          label_selector="watch=never"))
        self.assertEqual(ended, [])


class Patches(ClientTest):
    """The types are told by the body (strategic merge and JSON patch) or, in the dynamic client, by name."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.dynamic = dynamic.DynamicClient(client.ApiClient(), cache_file=cls.folder.name + "/discovery")
        cls.deployments = cls.dynamic.resources.get(api_version="apps/v1", kind="Deployment")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def make(self, name):
        self.apps.create_namespaced_deployment(NAMESPACE, deployment(name))
        self.addCleanup(self.apps.delete_namespaced_deployment, name, NAMESPACE)

    def env(self, name):
        container = self.apps.read_namespaced_deployment(name, NAMESPACE).spec.template.spec.containers[0]
        return {variable.name: variable.value for variable in container.env or []}

    def test_strategic_merge(self):
        self.make("strategic")
        container = {"name": "web", "env": [{"name": "SECOND", "value": "two"}, {"name": "FIRST", "$patch": "delete"}]}
        self.apps.patch_namespaced_deployment("strategic", NAMESPACE,
                                              {"spec": {"template": {"spec": {"containers": [container]}}}})
        self.assertEqual(self.env("strategic"), {"SECOND": "two"})

    def test_json_patch(self):
        self.make("json")
        path = "/spec/template/spec/containers/0/env/1"
        self.apps.patch_namespaced_deployment("json", NAMESPACE, [
            {"op": "test", "path": path + "/name", "value": "SECOND"}, {"op": "remove", "path": path}])
        self.assertEqual(self.env("json"), {"FIRST": "1"})
        self.assertRefused(422, "Invalid", self.apps.patch_namespaced_deployment, "json", NAMESPACE,
                           [{"op": "test", "path": "/spec/replicas", "value": 7}])

    def test_merge_patch(self):
        self.make("merge")
        container = {"name": "web", "image": "web:2", "env": None}
        self.deployments.patch(name="merge", namespace=NAMESPACE, content_type="application/merge-patch+json",
                               body={"spec": {"template": {"spec": {"containers": [container]}}}})
        self.assertEqual(self.env("merge"), {})

    def test_scale(self):
        self.make("scaled")
        scale = self.apps.patch_namespaced_deployment_scale("scaled", NAMESPACE, {"spec": {"replicas": 2}})
        self.assertEqual((scale.kind, scale.spec.replicas, scale.status.selector), ("Scale", 2, "app=scaled"))

    def apply(self, manager, data, **options):
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied", "namespace": NAMESPACE},
                "data": data}
        kinds = self.dynamic.resources.get(api_version="v1", kind="ConfigMap")
        # The body is a text, since this version of the client knows no apply of its own.
        return kinds.patch(name="applied", namespace=NAMESPACE, body=json.dumps(body), field_manager=manager,
                           content_type="application/apply-patch+yaml", **options)

    def test_apply(self):
        made = self.apply("one", {"a": "1", "b": "1"})
        self.assertEqual([(entry.manager, entry.operation) for entry in made.metadata.managedFields],
                         [("one", "Apply")])
        self.assertEqual(self.apply("one", {"a": "1", "b": "1"}).metadata.resourceVersion,
                         made.metadata.resourceVersion)
        with self.assertRaises(dynamic.exceptions.ConflictError) as caught:
            self.apply("two", {"a": "2"})
        status = json.loads(caught.exception.body)
        self.assertEqual(status["details"]["causes"],
                         [{"reason": "FieldManagerConflict", "message": 'conflict with "one"', "field": ".data.a"}])
        self.assertEqual(self.apply("two", {"c": "2"}).to_dict()["data"], {"a": "1", "b": "1", "c": "2"})
        self.assertEqual(self.apply("one", {"a": "1"}).to_dict()["data"], {"a": "1", "c": "2"})

    def test_dynamic_client(self):
        body = {"apiVersion": "apps/v1", "kind": "Deployment",
                **client.ApiClient().sanitize_for_serialization(deployment("dynamic"))}
        made = self.deployments.create(namespace=NAMESPACE, body=body)
        self.assertEqual(made.metadata.name, "dynamic")
        listed = self.deployments.get(namespace=NAMESPACE, field_selector="metadata.name=dynamic")
        self.assertEqual(names(listed), ["dynamic"])
        self.deployments.delete(name="dynamic", namespace=NAMESPACE)
        with self.assertRaises(dynamic.exceptions.NotFoundError):
            self.deployments.get(name="dynamic", namespace=NAMESPACE)


class Pods(ClientTest):
    @classmethod
    def setUpClass(cls):
        container = {"name": "main", "image": "tool:1", "command": ["sh", "-c", "echo first; echo second; cat"]}
        cls.core = client.CoreV1Api()
        cls.core.create_namespaced_pod(NAMESPACE, {"metadata": {"name": "tool"}, "spec": {"containers": [container]}})
        eventually("running pod", lambda: cls.core.read_namespaced_pod("tool", NAMESPACE).status.phase == "Running")

    @classmethod
    def tearDownClass(cls):
        deleted = cls.core.delete_namespaced_pod("tool", NAMESPACE, grace_period_seconds=1)
        assert deleted.metadata.deletion_grace_period_seconds == 1, deleted
        only = {"field_selector": "metadata.name=tool"}
        eventually("end of the pod", lambda: not names(cls.core.list_namespaced_pod(NAMESPACE, **only)))

    def exec(self, command, **options):
        return stream(self.core.connect_get_namespaced_pod_exec, "tool", NAMESPACE, command=command,
                      stdout=True, stderr=True, **options)

    def test_log(self):
        self.assertEqual(self.core.read_namespaced_pod_log("tool", NAMESPACE), "first\nsecond\n")
        self.assertEqual(self.core.read_namespaced_pod_log("tool", NAMESPACE, tail_lines=1), "second\n")
        self.assertRefused(400, "BadRequest", self.core.read_namespaced_pod_log, "tool", NAMESPACE, container="none")

    def test_exec(self):
        session = self.exec(["sh", "-c", "echo out; echo err >&2; exit 3"], _preload_content=False)
        session.run_forever(timeout=WAIT_SECONDS)
        self.assertEqual((session.read_stdout(), session.read_stderr(), session.returncode), ("out\n", "err\n", 3))
        self.assertEqual(self.exec(["echo", "word"]), "word\n")

    def test_exec_with_input(self):
        session = self.exec(["cat"], stdin=True, _preload_content=False)
        session.write_stdin("typed\n")
        self.assertEqual(session.readline_stdout(timeout=WAIT_SECONDS), "typed")
        session.close()

    def test_exec_refused(self):
        with self.assertRaises(ApiException) as caught:
            self.exec(["true"], container="none")
        self.assertIn("400", str(caught.exception.reason))

    def test_events(self):
        selector = "involvedObject.kind=Pod,involvedObject.name=tool,reason=Started"
        eventually("event of the start", lambda: len(self.core.list_namespaced_event(
            NAMESPACE, field_selector=selector).items) == 1)

    def test_evict_dry(self):
        body = client.V1Eviction(metadata=client.V1ObjectMeta(name="tool"))
        self.core.create_namespaced_pod_eviction("tool", NAMESPACE, body, dry_run="All")
        self.assertIsNone(self.core.read_namespaced_pod("tool", NAMESPACE).metadata.deletion_timestamp)


class CustomKinds(ClientTest):
    """A kind that the client's own types do not know."""

    group, plural = "python.example.com", "boats"

    @classmethod
    def setUpClass(cls):
        spec = {"type": "object", "required": ["sails"], "properties": {
            "sails": {"type": "integer", "minimum": 1}, "colour": {"type": "string", "default": "white"}}}
        version = {"name": "v1", "served": True, "storage": True, "subresources": {"status": {}, "scale": {
            "specReplicasPath": ".spec.sails", "statusReplicasPath": ".status.set"}},
            "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                "spec": spec, "status": {"type": "object", "properties": {"set": {"type": "integer"}}}}}}}
        cls.name = f"{cls.plural}.{cls.group}"
        cls.definitions = client.ApiextensionsV1Api()
        cls.definitions.create_custom_resource_definition({
            "metadata": {"name": cls.name},
            "spec": {"group": cls.group, "scope": "Namespaced", "versions": [version],
                     "names": {"plural": cls.plural, "kind": "Boat"}}})
        eventually("established kind", lambda: "True" in [
            condition.status for condition in cls.definitions.read_custom_resource_definition(cls.name).status.conditions
            or [] if condition.type == "Established"])

    @classmethod
    def tearDownClass(cls):
        cls.definitions.delete_custom_resource_definition(cls.name)

    def setUp(self):
        super().setUp()
        self.where = (self.group, "v1", NAMESPACE, self.plural)
        self.boats = client.CustomObjectsApi()

    def boat(self, name, **spec):
        return {"apiVersion": f"{self.group}/v1", "kind": "Boat", "metadata": {"name": name}, "spec": spec}

    def test_objects(self):
        made = self.boats.create_namespaced_custom_object(*self.where, self.boat("crud", sails=2))
        self.assertEqual(made["spec"], {"sails": 2, "colour": "white"})
        made["spec"]["sails"] = 3
        self.boats.replace_namespaced_custom_object(*self.where, "crud", made)
        self.assertRefused(409, "Conflict", self.boats.replace_namespaced_custom_object, *self.where, "crud", made)
        patched = self.boats.patch_namespaced_custom_object(*self.where, "crud", {"spec": {"colour": "red"}})
        self.assertEqual(patched["spec"], {"sails": 3, "colour": "red"})
        status = self.assertRefused(422, "Invalid", self.boats.patch_namespaced_custom_object, *self.where, "crud",
                                    {"spec": {"sails": 0}})
        self.assertEqual([cause["field"] for cause in status["details"]["causes"]], ["spec.sails"])
        listed = self.boats.list_namespaced_custom_object(*self.where, field_selector="metadata.name=crud")
        self.assertEqual([item["spec"]["sails"] for item in listed["items"]], [3])
        self.boats.delete_namespaced_custom_object(*self.where, "crud")
        self.assertRefused(404, "NotFound", self.boats.get_namespaced_custom_object, *self.where, "crud")

    def test_status_and_scale(self):
        self.boats.create_namespaced_custom_object(*self.where, self.boat("parts", sails=2))
        changed = self.boats.patch_namespaced_custom_object_status(
            *self.where, "parts", {"spec": {"sails": 9}, "status": {"set": 1}})
        self.assertEqual((changed["spec"]["sails"], changed["status"]), (2, {"set": 1}))
        scale = self.boats.patch_namespaced_custom_object_scale(*self.where, "parts", {"spec": {"replicas": 5}})
        self.assertEqual((scale["kind"], scale["spec"], scale["status"]), ("Scale", {"replicas": 5}, {"replicas": 1}))
        self.assertEqual(self.boats.get_namespaced_custom_object(*self.where, "parts")["spec"]["sails"], 5)

    def test_watch(self):
        version = self.boats.list_namespaced_custom_object(*self.where)["metadata"]["resourceVersion"]
        self.boats.create_namespaced_custom_object(*self.where, self.boat("seen", sails=1))
        self.boats.delete_namespaced_custom_object(*self.where, "seen")
        watcher, seen = watch.Watch(), []
        for event in watcher.stream(self.boats.list_namespaced_custom_object, *self.where, resource_version=version,
                                    field_selector="metadata.name=seen", timeout_seconds=WAIT_SECONDS):
            seen.append(f'{event["type"]} {event["object"]["spec"]["sails"]}')
            if len(seen) == 2:
                watcher.stop()
        self.assertEqual(seen, ["ADDED 1", "DELETED 1"])

    def test_dynamic_client(self):
        with tempfile.TemporaryDirectory() as folder:
            kinds = dynamic.DynamicClient(client.ApiClient(), cache_file=folder + "/discovery").resources
            boats = kinds.get(api_version=f"{self.group}/v1", kind="Boat")
            boats.create(namespace=NAMESPACE, body=self.boat("dynamic", sails=1))
            self.assertEqual(boats.get(name="dynamic", namespace=NAMESPACE).spec.colour, "white")


class Cluster(ClientTest):
    def test_version_and_groups(self):
        self.assertEqual(client.VersionApi().get_code().minor, "32")
        groups = {group.name for group in client.ApisApi().get_api_versions().groups}
        self.assertLessEqual({"apps", "batch", "rbac.authorization.k8s.io"}, groups)

    def test_rights(self):
        review = {"spec": {"resourceAttributes": {"verb": "delete", "resource": "nodes"}}}
        answer = client.AuthorizationV1Api().create_self_subject_access_review(review)
        self.assertTrue(answer.status.allowed)

    def test_token_in_a_secret(self):
        account = {"kubernetes.io/service-account.name": "default"}
        self.core.create_namespaced_secret(NAMESPACE, client.V1Secret(
            metadata=client.V1ObjectMeta(name="token", annotations=account), type="kubernetes.io/service-account-token"))
        held = lambda: self.core.read_namespaced_secret("token", NAMESPACE).data or {}
        eventually("token", lambda: "token" in held())
        self.assertEqual(base64.b64decode(held()["namespace"]).decode(), NAMESPACE)
        review = client.V1TokenReview(
            spec=client.V1TokenReviewSpec(token=base64.b64decode(held()["token"]).decode()))
        status = client.AuthenticationV1Api().create_token_review(review).status
        self.assertEqual((status.authenticated, status.user.username),
                         (True, f"system:serviceaccount:{NAMESPACE}:default"))

    def test_token(self):
        request = {"spec": {"expirationSeconds": 600, "audiences": []}}
        token = self.core.create_namespaced_service_account_token("default", NAMESPACE, request).status.token
        other = client.Configuration.get_default_copy()
        other.cert_file = other.key_file = None
        other.api_key = {"authorization": "Bearer " + token}
        status = self.assertRefused(403, "Forbidden", client.CoreV1Api(client.ApiClient(other)).list_node)
        self.assertIn(f'User "system:serviceaccount:{NAMESPACE}:default" cannot list resource "nodes"',
                      status["message"])


if __name__ == "__main__":
    unittest.main(warnings="ignore")  # The client leaves its connections to the garbage collector.
