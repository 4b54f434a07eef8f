# SPDX-License-Identifier: Apache-2.0
"""Debian's python3-kubernetes and containers that really run: streams into them, and what becomes of them. The cluster
of $KUBECONFIG has the pods that client_streams_test makes; $IMAGE has a shell and a web server."""

import base64
import contextlib
import io
import os
import select
import tarfile
import time
import unittest

from kubernetes import client, config, watch
from kubernetes.stream import portforward, stream

NAMESPACE = "default"
NAME = "python"
WAIT_SECONDS = 30


def setUpModule():
    config.load_kube_config(os.environ["KUBECONFIG"])


def eventually(what, holds):
    end = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < end, f"no {what} within {WAIT_SECONDS} s"
        time.sleep(0.1)


class StreamTest(unittest.TestCase):
    def setUp(self):
        self.core = client.CoreV1Api()
        self.apps = client.AppsV1Api()

    def exec(self, command, pod="web", **options):
        return stream(self.core.connect_get_namespaced_pod_exec, pod, NAMESPACE, command=command,
                      stdout=True, stderr=True, **options)

    def log(self, pod="echo", **options):
        return self.core.read_namespaced_pod_log(pod, NAMESPACE, **options)


class Exec(StreamTest):
    def test_both_ways_and_code(self):
        session = self.exec(["sh", "-c", "read word; echo out $word; echo err >&2; exit 7"], stdin=True,
                            _preload_content=False)
        session.write_stdin("typed\n")
        session.run_forever(timeout=WAIT_SECONDS)
        self.assertEqual((session.read_stdout(), session.read_stderr(), session.returncode),
                         ("out typed\n", "err\n", 7))

    def test_much_output(self):
        self.assertEqual(len(self.exec(["sh", "-c", "head -c 1500000 /dev/zero | tr '\\0' x"])), 1_500_000)

    def test_terminal(self):
        session = self.exec(["sh", "-c", "tty; read word; echo heard $word"], stdin=True, tty=True,
                            _preload_content=False)
        self.assertRegex(session.readline_stdout(timeout=WAIT_SECONDS), "/dev/(pts|console)")
        session.write_channel(4, '{"Width":120,"Height":40}')
        session.write_stdin("word\n")
        session.run_forever(timeout=WAIT_SECONDS)
        self.assertIn("heard word", session.read_stdout())
        self.assertEqual(session.returncode, 0)


class Attach(StreamTest):
    def test_talks_to_the_process(self):
        session = stream(self.core.connect_get_namespaced_pod_attach, "echo", NAMESPACE, stdin=True, stdout=True,
                         stderr=True, _preload_content=False)
        session.write_stdin("from python\n")
        self.assertEqual(session.readline_stdout(timeout=WAIT_SECONDS), "heard from python")
        session.close()
        eventually("line of the log", lambda: "heard from python" in self.log())


class PortForward(StreamTest):
    def get(self, pod, port):
        forwarded = portforward(self.core.connect_get_namespaced_pod_portforward, pod, NAMESPACE, ports=str(port))
        socket, answer = forwarded.socket(port), b""
        with contextlib.suppress(BrokenPipeError):  # the tunnel may have ended already, and says why
            socket.sendall(b"GET / HTTP/1.0\r\n\r\n")
        while select.select([socket], [], [], WAIT_SECONDS)[0]:
            some = socket.recv(65536)
            if not some:
                break
            answer += some
        socket.close()
        return answer.decode(), forwarded.error(port)

    def test_reaches_the_port(self):
        for _ in range(2):
            answer, error = self.get("web", 8080)
            self.assertTrue(answer.startswith("HTTP/1.1 200") and answer.endswith("web\n"), answer)
            self.assertIsNone(error)

    def test_port_where_nobody_listens(self):
        answer, error = self.get("web", 9)
        self.assertEqual(answer, "")
        self.assertRegex(error or "", "9")


class Copy(StreamTest):
    """What kubectl cp does, with the client's exec."""

    def test_to_and_from_a_pod(self):
        content = bytes(range(256)) * 4096
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            entry = tarfile.TarInfo("sent/python.bin")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        data = archive.getvalue()
        # This version of the client cannot say where its input ends, and tar would wait for more.
        session = self.exec(["sh", "-c", f"head -c {len(data)} | tar xf - -C /tmp"], stdin=True,
                            _preload_content=False)
        for at in range(0, len(data), 65536):
            session.write_stdin(data[at:at + 65536])
        session.run_forever(timeout=WAIT_SECONDS)
        self.assertEqual(session.returncode, 0, session.read_stderr())
        packed = base64.b64decode(self.exec(["sh", "-c", "tar cf - -C /tmp sent | base64"]))
        with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
            self.assertEqual(tar.extractfile("sent/python.bin").read(), content)


class Lives(StreamTest):
    """A Deployment of one container, from its first pod to its last."""

    def pods(self):
        return self.core.list_namespaced_pod(NAMESPACE, label_selector=f"app={NAME}").items

    def test_life(self):
        container = {"name": "main", "image": os.environ["IMAGE"], "env": [{"name": "WORD", "value": "one"}],
                     "command": ["sh", "-c", "i=0; while :; do i=$((i+1)); echo $WORD $i; sleep 0.2; done"]}
        spec = {"terminationGracePeriodSeconds": 0, "containers": [container]}
        self.apps.create_namespaced_deployment(NAMESPACE, {
            "metadata": {"name": NAME}, "spec": {"selector": {"matchLabels": {"app": NAME}}, "template": {
                "metadata": {"labels": {"app": NAME}}, "spec": spec}}})
        eventually("available pod", lambda: self.apps.read_namespaced_deployment(
            NAME, NAMESPACE).status.available_replicas == 1)
        first = self.pods()[0].metadata.name
        follower, lines = watch.Watch(), []
        for line in follower.stream(self.core.read_namespaced_pod_log, first, NAMESPACE):
            lines.append(line)
            if len(lines) == 3:
                follower.stop()
        self.assertEqual(lines, ["one 1", "one 2", "one 3"])

        version = self.core.list_namespaced_pod(NAMESPACE).metadata.resource_version
        self.apps.patch_namespaced_deployment(NAME, NAMESPACE, {"spec": {"template": {"spec": {"containers": [
            {"name": "main", "env": [{"name": "WORD", "value": "two"}]}]}}}})
        watcher, seen = watch.Watch(), []
        for event in watcher.stream(self.core.list_namespaced_pod, NAMESPACE, label_selector=f"app={NAME}",
                                    resource_version=version, timeout_seconds=WAIT_SECONDS):
            seen.append((event["type"], event["object"].metadata.name == first))
            if seen[-1] == ("DELETED", True):
                watcher.stop()
        self.assertIn(("ADDED", False), seen)
        self.assertIn(("DELETED", True), seen)
        second = self.pods()[0].metadata.name
        eventually("line of the second pod", lambda: self.log(second, tail_lines=1).startswith("two "))
        self.assertEqual(self.exec(["sh", "-c", "echo $WORD"], pod=second), "two\n")

        self.apps.delete_namespaced_deployment(NAME, NAMESPACE, propagation_policy="Foreground")
        eventually("end of the pods", lambda: not self.pods())


if __name__ == "__main__":
    unittest.main(warnings="ignore")  # The client leaves its connections to the garbage collector.
