# SPDX-License-Identifier: Apache-2.0
"""What programs that deliver applications send, against the cluster of $KUBECONFIG: one that keeps releases in Secrets
and merges three ways without the last applied configuration (as Helm), and one that watches all there is and compares
by dry runs of server-side apply (as Argo CD). The manifests are those of $SHAPES."""

import base64
import gzip
import json
import os
import threading
import time
import unittest

import yaml
from kubernetes import client, config

NAMESPACE = "releases"
WAIT_SECONDS = 20


def setUpModule():
    config.load_kube_config(os.environ["KUBECONFIG"])
    Api().ask("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})


def eventually(what, holds):
    end = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < end, f"no {what} within {WAIT_SECONDS} s"
        time.sleep(0.1)


def manifests(name):
    with open(f"{os.environ['SHAPES']}/{name}.yaml", encoding="utf-8") as file:
        documents = [document for document in yaml.safe_load_all(file) if document]
    return [item for document in documents for item in document.get("items", [document])]


class Api:
    """The API by paths, so that nothing of the client's own types stands between."""

    def __init__(self):
        self.client = client.ApiClient()

    def ask(self, method, path, body=None, content_type="application/json", **query):
        """The code and the document."""
        headers = {"Accept": "application/json", "Content-Type": content_type}
        if content_type.endswith("yaml"):  # which this version of the client takes as a text alone
            body = json.dumps(body)
        try:
            answer = self.client.call_api(path, method, {}, list(query.items()), headers, body=body,
                                          _preload_content=False, _return_http_data_only=True)
            return answer.status, json.loads(answer.data)
        except client.ApiException as refusal:
            return refusal.status, json.loads(refusal.body)

    def groups(self):
        yield "/api/v1", self.ask("GET", "/api/v1")[1]
        for group in self.ask("GET", "/apis")[1]["groups"]:
            for version in group["versions"]:
                path = "/apis/" + version["groupVersion"]
                code, document = self.ask("GET", path)
                if code == 200:  # nobody answers for a group of another server that is not there
                    yield path, document

    def collection(self, document):
        version, kind = document["apiVersion"], document["kind"]
        path = f"/api/{version}" if "/" not in version else f"/apis/{version}"
        for resource in self.ask("GET", path)[1]["resources"]:
            if resource["kind"] == kind and "/" not in resource["name"]:
                space = document["metadata"].get("namespace", NAMESPACE)
                return f"{path}/namespaces/{space}/{resource['name']}" if resource["namespaced"] \
                    else f"{path}/{resource['name']}"
        raise AssertionError(f"no {kind} of {version} is served")


class DeliveryTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.api = Api()

    def ask(self, expected, *arguments, **query):
        code, document = self.api.ask(*arguments, **query)
        self.assertEqual(code, expected, (arguments, document))
        return document

    def place(self, document):
        return f"{self.api.collection(document)}/{document['metadata']['name']}"

    def established(self, definition):
        conditions = self.ask(200, "GET", self.place(definition)).get("status", {}).get("conditions", [])
        return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)

    def create(self, documents, manager):
        for document in documents:
            self.ask(201, "POST", self.api.collection(document), document, fieldManager=manager)
            if document["kind"] == "CustomResourceDefinition":
                eventually("established kind", lambda made=document: self.established(made))

    def remove(self, documents):
        """In reverse, as they came."""
        paths = [self.place(document) for document in reversed(documents)]
        for path in paths:
            self.assertIn(self.api.ask("DELETE", path, {"propagationPolicy": "Background"})[0], (200, 202, 404), path)
        for path in paths:
            eventually(f"end of {path}", lambda gone=path: self.api.ask("GET", gone)[0] == 404)


class Releases(DeliveryTest):
    manager = "helm"

    def record(self, name, revision, status, documents):
        """A release as Helm keeps it: JSON, compressed, in base64 twice."""
        release = {"name": name, "version": revision, "info": {"status": status}, "manifest": yaml.dump_all(documents)}
        packed = base64.b64encode(gzip.compress(json.dumps(release).encode()))
        return {"apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1",
                "metadata": {"name": f"sh.helm.release.v1.{name}.v{revision}", "namespace": NAMESPACE,
                             "labels": {"owner": "helm", "name": name, "version": str(revision), "status": status}},
                "data": {"release": base64.b64encode(packed).decode()}}

    def keep(self, record):
        path = self.api.collection(record)
        if self.api.ask("GET", f"{path}/{record['metadata']['name']}")[0] == 404:
            return self.ask(201, "POST", path, record, fieldManager=self.manager)
        return self.ask(200, "PUT", f"{path}/{record['metadata']['name']}", record, fieldManager=self.manager)

    def merge(self, document, patch):
        """Helm merges what it knows the type of by its keys, and the rest as JSON."""
        custom = ".example.io/" in document["apiVersion"]
        kind = "merge-patch" if custom else "strategic-merge-patch"
        return self.ask(200, "PATCH", self.place(document), patch, f"application/{kind}+json", fieldManager=self.manager)

    def walk(self, name, documents):
        path = f"/api/v1/namespaces/{NAMESPACE}/secrets"
        for document in documents:
            if document["kind"] != "CustomResourceDefinition" and ".example.io/" not in document["apiVersion"]:
                self.ask(404, "GET", self.place(document))
        self.keep(self.record(name, 1, "pending-install", documents))
        self.create(documents, self.manager)
        self.keep(self.record(name, 1, "deployed", documents))

        self.ask(409, "POST", self.api.collection(documents[0]), documents[0])
        version = {document["metadata"]["name"] + document["kind"]: self.ask(200, "GET", self.place(document))
                   for document in documents}
        for document in documents:  # more than the difference, which is nothing
            before = version[document["metadata"]["name"] + document["kind"]]
            after = self.merge(document, document)
            self.assertEqual(after["metadata"].get("generation"), before["metadata"].get("generation"), document)
            self.assertEqual(after.get("spec"), before.get("spec"))
            if document["kind"] not in ("APIService", "Deployment", "CustomResourceDefinition"):  # their status moves
                self.assertEqual(after["metadata"]["resourceVersion"], before["metadata"]["resourceVersion"], document)

        self.keep(self.record(name, 2, "pending-upgrade", documents))
        label = "app.example.org/release"
        for document in documents:
            changed = self.merge(document, {"metadata": {"labels": {label: "2"}}})
            self.assertEqual(changed["metadata"]["labels"][label], "2")
        self.keep(self.record(name, 1, "superseded", documents))
        self.keep(self.record(name, 2, "deployed", documents))
        listed = self.ask(200, "GET", path, labelSelector=f"owner=helm,name={name},status=deployed")
        self.assertEqual([item["metadata"]["name"] for item in listed["items"]], [f"sh.helm.release.v1.{name}.v2"])
        release = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(listed["items"][0]["data"]["release"]))))
        self.assertEqual(list(yaml.safe_load_all(release["manifest"])), documents)
        self.assertEqual(len(self.ask(200, "GET", path, fieldSelector="type=helm.sh/release.v1",
                                      labelSelector=f"name={name}")["items"]), 2)

        for document in documents:  # the way back
            restored = self.merge(document, {"metadata": {"labels": {label: None}}})
            self.assertNotIn(label, restored["metadata"].get("labels", {}))
        self.remove(documents)
        for revision in (1, 2):
            self.ask(200, "DELETE", f"{path}/sh.helm.release.v1.{name}.v{revision}")

    def test_definitions_and_their_objects(self):
        for name in ("applications", "certificates", "monitoring"):
            with self.subTest(name):
                self.walk(name, manifests(name) + manifests(name + "-use"))

    def test_installations(self):
        for name in ("applications", "certificates", "ingress", "metrics", "monitoring"):
            with self.subTest(name):
                self.walk(name, manifests(name + "-install"))

    def test_three_ways(self):
        """The patches that Helm reckons from the old manifest, the new one and what is there."""
        def deployment(containers):
            return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "ways", "namespace": NAMESPACE},
                    "spec": {"replicas": 0, "selector": {"matchLabels": {"a": "b"}}, "template": {
                        "metadata": {"labels": {"a": "b"}}, "spec": {"containers": containers}}}}

        def spec(**members):
            return {"spec": {"template": {"spec": members}}}

        made = deployment([{"name": "web", "image": "web:1", "env": [{"name": "A", "value": "1"}],
                            "ports": [{"containerPort": 80}]}, {"name": "old", "image": "old:1"}])
        self.create([made], self.manager)
        by_hand = spec(containers=[{"name": "added", "image": "added:1"}])
        self.ask(200, "PATCH", self.place(made), by_hand, "application/strategic-merge-patch+json", fieldManager="me")
        result = self.merge(made, spec(**{
            "$setElementOrder/containers": [{"name": "web"}, {"name": "new"}],
            "containers": [{"name": "web", "image": "web:2", "$setElementOrder/env": [{"name": "B"}],
                            "env": [{"name": "A", "$patch": "delete"}, {"name": "B", "value": "2"}]},
                           {"name": "new", "image": "new:1"}, {"name": "old", "$patch": "delete"}]}))
        containers = {each["name"]: each for each in result["spec"]["template"]["spec"]["containers"]}
        self.assertEqual(sorted(containers), ["added", "new", "web"], "what was added by hand stays")
        self.assertEqual(containers["web"]["env"], [{"name": "B", "value": "2"}])
        self.assertEqual(containers["web"]["ports"], [{"containerPort": 80, "protocol": "TCP"}])
        result = self.merge(made, {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}})
        self.assertEqual(result["spec"]["strategy"], {"type": "Recreate"})
        self.remove([made])


class Comparisons(DeliveryTest):
    manager = "argocd-controller"

    def shown(self, document):
        """Without what a write leaves in any case."""
        shown = json.loads(json.dumps(document))
        for member in ("managedFields", "resourceVersion", "generation"):
            shown["metadata"].pop(member, None)
        shown.pop("status", None)
        return shown

    def apply(self, document, code=200, **query):
        return self.ask(code, "PATCH", self.place(document), document, "application/apply-patch+yaml",
                        fieldManager=self.manager, force="true", **query)

    def test_dry_runs_find_no_difference(self):
        for name in ("applications", "certificates", "ingress", "metrics", "monitoring"):
            for documents in (manifests(name + "-install"), None if name in ("ingress", "metrics") else
                              manifests(name) + manifests(name + "-use")):
                for document in documents or []:
                    self.apply(document, 201)
                    if document["kind"] == "CustomResourceDefinition":
                        eventually("established kind", lambda made=document: self.established(made))
                for document in documents or []:
                    with self.subTest(f"{document['kind']} {document['metadata']['name']}"):
                        live = self.ask(200, "GET", self.place(document))
                        dry = self.apply(document, dryRun="All")
                        self.assertEqual(self.shown(dry), self.shown(live))
                        drifted = self.apply({**document, "metadata": {
                            **document["metadata"], "annotations": {"drift": "yes"}}}, dryRun="All")
                        self.assertEqual(drifted["metadata"]["annotations"]["drift"], "yes")
                        now = self.ask(200, "GET", self.place(document))
                        self.assertNotIn("drift", now["metadata"].get("annotations", {}))
                self.remove(documents or [])

    def test_everything_is_listed_in_pages_and_watched(self):
        watched, errors = [], []

        def watch(path):
            code, document = self.api.ask("GET", path, limit=500)
            if code != 200 or not document["metadata"].get("resourceVersion"):
                errors.append((path, document))
                return
            query = {"watch": "1", "timeoutSeconds": "1", "allowWatchBookmarks": "true",
                     "resourceVersion": document["metadata"]["resourceVersion"]}
            answer = self.api.client.call_api(path, "GET", {}, list(query.items()), {"Accept": "application/json"},
                                              _preload_content=False, _return_http_data_only=True)
            errors.extend((path, line) for line in answer.data.splitlines() if b'"type":"ERROR"' in line)
            watched.append(path)

        threads = []
        for group, document in self.api.groups():
            for resource in document["resources"]:
                if {"list", "watch"} <= set(resource["verbs"]):
                    threads.append(threading.Thread(target=watch, args=(f"{group}/{resource['name']}",)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])
        self.assertEqual(len(watched), len(threads))
        self.assertGreater(len(watched), 50)

    def test_every_kind_has_a_schema(self):
        definitions = self.ask(200, "GET", "/openapi/v2")["definitions"].values()
        described = {(each["group"], each["version"], each["kind"]) for definition in definitions
                     for each in definition.get("x-kubernetes-group-version-kind", [])}
        third = self.ask(200, "GET", "/openapi/v3")["paths"]
        for path, document in self.api.groups():
            self.assertIn(path[1:], third)
            group, _, version = document["groupVersion"].rpartition("/")
            for resource in document["resources"]:
                kind = (resource.get("group", group), resource.get("version", version), resource["kind"])
                if not resource["name"].endswith(("/exec", "/attach", "/portforward", "/proxy")):
                    self.assertIn(kind, described, resource["name"])


if __name__ == "__main__":
    unittest.main(warnings="ignore")  # The client leaves its connections to the garbage collector.
