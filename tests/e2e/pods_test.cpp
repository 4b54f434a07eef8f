// SPDX-License-Identifier: Apache-2.0
// What an agent does for a pod, with real containers: values, volumes, probes, limits, images, ends, and where it runs.
#include "e2e/cluster.h"

#include "base/clock.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

namespace keelson::e2e {
namespace {

using std::chrono::seconds;
using support::eventually;
using testing::AllOf;
using testing::HasSubstr;

/// One engine, registry and cluster of two nodes for all stories here: each uses names of its own.
class Pods : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        s_engine = std::make_unique<support::DockerEngine>();
        s_registry = std::make_unique<support::ImageRegistry>();
        s_image = pushWebImage(*s_engine, *s_registry);
        s_cluster = std::make_unique<Cluster>(*s_engine, Cluster::Options{});
    }

    static void TearDownTestSuite()
    {
        s_cluster.reset();
        s_registry.reset();
        s_engine.reset();
    }

    void TearDown() override { cluster().out({"delete", "pods", "--all", "--grace-period=0", "--force"}); }

    static Cluster& cluster() { return *s_cluster; }

    /// `spec` is a pod's, indented by two; its containers may leave their image out: IMAGE is it.
    static void apply(const std::string& name, std::string spec)
    {
        const std::string_view mark = "IMAGE";
        for (auto at = spec.find(mark); at != std::string::npos; at = spec.find(mark, at + s_image.size()))
            spec.replace(at, mark.size(), s_image);
        cluster().out({"apply", "-f", "-"},
                      fmt::format("apiVersion: v1\nkind: Pod\nmetadata: {{name: {0}, labels: {{app: {0}}}}}\nspec:\n"
                                  "  terminationGracePeriodSeconds: 1\n{1}",
                                  name, spec));
    }

    static std::string of(const std::string& pod, const std::string& path)
    {
        return cluster().out({"get", "pod", pod, "-o", "jsonpath={" + path + "}"});
    }
    static bool becomes(const std::string& pod, const std::string& path, const std::string& value)
    {
        return cluster().shows({"get", "pod", pod, "-o", "jsonpath={" + path + "}"}, value);
    }
    static bool runs(const std::string& pod) { return becomes(pod, ".status.phase", "Running"); }
    static std::string in(const std::string& pod, const std::string& script, const std::string& container = "main")
    {
        return cluster().out({"exec", pod, "-c", container, "--", "sh", "-c", script});
    }
    /// Whether an event of the pod says so, in the end.
    static bool isTold(const std::string& pod, const std::string& reason, const std::string& words)
    {
        std::string told;
        const bool found = eventually(seconds{30}, [&] {
            told =
                cluster().out({"get", "events", "--field-selector", "involvedObject.name=" + pod + ",reason=" + reason,
                               "-o", "jsonpath={range .items[*]}{.message}|{end}"});
            return told.contains(words);
        });
        EXPECT_TRUE(found) << reason << " of " << pod << " says " << told;
        return found;
    }

    static inline std::unique_ptr<support::DockerEngine> s_engine;
    static inline std::unique_ptr<support::ImageRegistry> s_registry;
    static inline std::unique_ptr<Cluster> s_cluster;
    static inline std::string s_image;
};

TEST_F(Pods, getConfigMapsAndSecretsAsEnvironmentAndFiles)
{
    cluster().out({"create", "configmap", "conf", "--from-literal=color=blue", "--from-literal=size=7"});
    cluster().out({"create", "secret", "generic", "hidden", "--from-literal=word=open sesame"});
    apply("values", R"yaml(
  containers:
    - name: main
      image: IMAGE
      command: [sh, -c, 'echo $(GREETING), "$@"; exec sleep 600', name]
      args: ["$(COLOR)", "$$(COLOR)"]
      env:
        - {name: COLOR, valueFrom: {configMapKeyRef: {name: conf, key: color}}}
        - {name: WORD, valueFrom: {secretKeyRef: {name: hidden, key: word}}}
        - {name: MISSING, valueFrom: {configMapKeyRef: {name: conf, key: none, optional: true}}}
        - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
        - {name: ADDRESS, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
        - {name: GREETING, value: "hello from $(NODE)"}
      envFrom:
        - {prefix: C_, configMapRef: {name: conf}}
      volumeMounts:
        - {name: conf, mountPath: /conf}
        - {name: hidden, mountPath: /hidden, readOnly: true}
  volumes:
    - {name: conf, configMap: {name: conf}}
    - {name: hidden, secret: {secretName: hidden, defaultMode: 0400, items: [{key: word, path: a/word.txt}]}}
)yaml");
    ASSERT_TRUE(runs("values"));
    EXPECT_EQ(in("values", "echo $COLOR,$WORD,${MISSING-none},$C_color$C_size"), "blue,open sesame,none,blue7");
    EXPECT_EQ(in("values", "echo $NODE $ADDRESS"),
              of("values", ".spec.nodeName") + " " + of("values", ".status.podIP"));
    EXPECT_EQ(cluster().out({"logs", "values"}),
              fmt::format("hello from {}, blue $(COLOR)", of("values", ".spec.nodeName")));
    EXPECT_EQ(in("values", "cat /conf/color /hidden/a/word.txt"), "blueopen sesame");
    EXPECT_EQ(in("values", "stat -L -c %a /hidden/a/word.txt; touch /hidden/x 2>&1 || true"),
              "400\ntouch: /hidden/x: Read-only file system");

    cluster().out({"patch", "configmap", "conf", "-p", R"({"data":{"color":"green"}})"});
    EXPECT_TRUE(eventually(seconds{30}, [] { return in("values", "cat /conf/color") == "green"; }))
        << "files follow their object";
    EXPECT_EQ(in("values", "echo $COLOR"), "blue") << "the environment is what it was";
    EXPECT_EQ(of("values", ".status.containerStatuses[0].restartCount"), "0");
    cluster().out({"delete", "configmap/conf", "secret/hidden"});
}

TEST_F(Pods, waitForTheObjectsThatTheyName)
{
    apply("early", R"(
  containers:
    - {name: main, image: IMAGE, command: [sleep, '600'], envFrom: [{secretRef: {name: late}}]}
)");
    ASSERT_TRUE(becomes("early", ".status.containerStatuses[0].state.waiting.reason", "CreateContainerConfigError"));
    EXPECT_THAT(of("early", ".status.containerStatuses[0].state.waiting.message"),
                HasSubstr("secret \"late\" not found"));
    cluster().out({"create", "secret", "generic", "late", "--from-literal=word=there"});
    ASSERT_TRUE(runs("early"));
    EXPECT_EQ(in("early", "echo $word"), "there");
    cluster().out({"delete", "secret", "late"});
}

TEST_F(Pods, shareAnEmptyDirAndTheFilesOfTheHost)
{
    const auto host = cluster().folder() / "of-the-host";
    std::filesystem::create_directory(host);
    support::writeFile(host / "there", "from the host");
    apply("sharing", fmt::format(R"(
  containers:
    - name: main
      image: IMAGE
      command: [sleep, '600']
      volumeMounts: [{{name: scratch, mountPath: /scratch}}, {{name: host, mountPath: /host}}]
    - name: other
      image: IMAGE
      command: [sleep, '600']
      volumeMounts: [{{name: scratch, mountPath: /shared}}]
  volumes:
    - {{name: scratch, emptyDir: {{}}}}
    - {{name: host, hostPath: {{path: "{}", type: Directory}}}}
)",
                                 host.string()));
    ASSERT_TRUE(runs("sharing"));
    in("sharing", "echo kept > /scratch/file; echo back > /host/back");
    EXPECT_EQ(in("sharing", "cat /shared/file", "other"), "kept");
    EXPECT_EQ(in("sharing", "cat /host/there"), "from the host");
    EXPECT_EQ(support::readFile(host / "back"), "back\n");

    const auto container = of("sharing", ".status.containerStatuses[?(@.name==\"main\")].containerID");
    ASSERT_TRUE(s_engine->docker({"kill", container.substr(container.rfind('/') + 1)}).ok());
    const std::string restarts = ".status.containerStatuses[?(@.name==\"main\")].restartCount";
    ASSERT_TRUE(becomes("sharing", restarts, "1"));
    ASSERT_TRUE(becomes("sharing", ".status.containerStatuses[*].ready", "true true"));
    EXPECT_EQ(in("sharing", "cat /scratch/file"), "kept") << "an emptyDir is the pod's, not the container's";

    const auto uid = of("sharing", ".metadata.uid");
    const auto folders = [&] {
        return support::run({"find", cluster().folder(), "-maxdepth", "4", "-type", "d", "-name", uid}).output;
    };
    EXPECT_THAT(folders(), HasSubstr(uid));
    cluster().out({"delete", "pod", "sharing"});
    EXPECT_TRUE(eventually(seconds{10}, [&] { return folders().empty(); })) << "nothing of the pod is left\n"
                                                                            << folders();
    EXPECT_EQ(support::readFile(host / "there"), "from the host") << "what is the host's stays";

    apply("nowhere", R"(
  containers: [{name: main, image: IMAGE, command: [sleep, '600'], volumeMounts: [{name: host, mountPath: /host}]}]
  volumes: [{name: host, hostPath: {path: /no/such/folder, type: Directory}}]
)");
    EXPECT_TRUE(isTold("nowhere", "FailedMount", "hostPath type check failed: /no/such/folder is not a directory"));
}

TEST_F(Pods, areRestartedAndTakenOutOfServiceByTheirProbes)
{
    apply("probed", R"(
  containers:
    - name: main
      image: IMAGE
      command: [sh, -c, 'touch /tmp/alive /tmp/ready; exec sleep 600']
      ports: [{name: http, containerPort: 8080}]
      livenessProbe: {exec: {command: [cat, /tmp/alive]}, periodSeconds: 1, failureThreshold: 2}
      readinessProbe: {exec: {command: [test, -f, /tmp/ready]}, periodSeconds: 1}
)");
    cluster().out({"apply", "-f", "-"}, serviceManifest("probed"));
    const std::vector<std::string> ready{"get", "endpoints", "probed", "-o", "jsonpath={.subsets[*].addresses[*].ip}"};
    const std::vector<std::string> others{"get", "endpoints", "probed", "-o",
                                          "jsonpath={.subsets[*].notReadyAddresses[*].ip}"};
    ASSERT_TRUE(becomes("probed", ".status.containerStatuses[0].ready", "true"));
    const auto ip = of("probed", ".status.podIP");
    EXPECT_TRUE(cluster().shows(ready, ip));
    in("probed", "rm /tmp/ready");
    EXPECT_TRUE(cluster().shows(others, ip)) << "nobody is sent to a pod that is not ready";
    EXPECT_EQ(cluster().out(ready), "");
    in("probed", "touch /tmp/ready");
    EXPECT_TRUE(cluster().shows(ready, ip));
    EXPECT_EQ(of("probed", ".status.containerStatuses[0].restartCount"), "0");

    in("probed", "rm /tmp/alive");
    EXPECT_TRUE(becomes("probed", ".status.containerStatuses[0].restartCount", "1"));
    EXPECT_TRUE(isTold("probed", "Unhealthy", "Liveness probe failed: cat: can't open '/tmp/alive'"));
    EXPECT_TRUE(isTold("probed", "Killing", "Container main failed liveness probe, will be restarted"));
    EXPECT_TRUE(becomes("probed", ".status.containerStatuses[0].ready", "true"));
    cluster().out({"delete", "service", "probed"});
}

TEST_F(Pods, endAsTheirRestartPolicySays)
{
    const auto spec = [](const char* policy, const char* command) {
        return fmt::format(
            "  restartPolicy: {}\n  containers: [{{name: main, image: IMAGE, command: [sh, -c, '{}']}}]\n", policy,
            command);
    };
    apply("done", spec("Never", "exit 0"));
    apply("failed", spec("Never", "echo why > /dev/termination-log; exit 4"));
    apply("again", spec("OnFailure", "exit 5"));
    apply("always", spec("Always", "exit 0"));
    EXPECT_TRUE(becomes("done", ".status.phase", "Succeeded"));
    EXPECT_TRUE(becomes("failed", ".status.phase", "Failed"));
    const std::string ended = ".status.containerStatuses[0].state.terminated";
    EXPECT_EQ(of("done", ended + ".reason"), "Completed");
    EXPECT_EQ(of("failed", ended + ".exitCode") + of("failed", ended + ".message"), "4why");
    for (const auto* const crashing : {"again", "always"}) {
        EXPECT_TRUE(becomes(crashing, ".status.containerStatuses[0].state.waiting.reason", "CrashLoopBackOff"));
        EXPECT_TRUE(isTold(crashing, "BackOff", "Back-off restarting failed container main"));
        EXPECT_EQ(of(crashing, ".status.phase"), "Running");
    }
    EXPECT_THAT(cluster().out({"get", "pods"}), AllOf(HasSubstr("CrashLoopBackOff"), HasSubstr("Completed")));
}

TEST_F(Pods, areHeldToTheirLimits)
{
    apply("limited", R"(
  containers:
    - name: main
      image: IMAGE
      command: [sleep, '600']
      resources: {requests: {cpu: 100m}, limits: {cpu: 250m, memory: 20Mi}}
)");
    ASSERT_TRUE(runs("limited"));
    EXPECT_EQ(of("limited", ".status.qosClass"), "Burstable");
    const auto id = of("limited", ".status.containerStatuses[0].containerID");
    EXPECT_EQ(s_engine
                  ->docker({"inspect", "-f",
                            "{{.HostConfig.Memory}} {{.HostConfig.CpuQuota}}/{{.HostConfig.CpuPeriod}} "
                            "{{.HostConfig.CpuShares}}",
                            id.substr(id.rfind('/') + 1)})
                  .output,
              "20971520 25000/100000 102\n");
    cluster().kubectl({"exec", "limited", "--", "sh", "-c", "tail /dev/zero"}); // takes all the memory that there is
    EXPECT_EQ(of("limited", ".status.containerStatuses[0].restartCount"), "0") << "the exec alone is killed";
}

TEST_F(Pods, sayWhichImageIsMissingAndStartOnceItIsThere)
{
    const auto missing = s_registry->address() + "/later:1";
    apply("imageless",
          fmt::format("  containers: [{{name: main, image: \"{}\", command: [sleep, '600']}}]\n", missing));
    apply("unreachable", "  containers: [{name: main, image: '127.0.0.1:1/app:1'}]\n");
    const std::string waiting = ".status.containerStatuses[0].state.waiting";
    for (const auto* const pod : {"imageless", "unreachable"})
        EXPECT_TRUE(eventually(seconds{30}, [&] { return of(pod, waiting + ".reason").contains("Pull"); }));
    EXPECT_TRUE(isTold("imageless", "Failed", fmt::format("Failed to pull image \"{}\": ", missing)));
    EXPECT_THAT(of("imageless", waiting + ".message"), HasSubstr("not found"));
    EXPECT_TRUE(isTold("unreachable", "Failed", "connection refused"));
    EXPECT_THAT(cluster().out({"get", "pods"}),
                testing::ContainsRegex("imageless +0/1 +(ErrImagePull|ImagePullBackOff)"));

    ASSERT_TRUE(s_engine->docker({"pull", "-q", s_image}).ok());
    ASSERT_TRUE(s_engine->docker({"tag", s_image, missing}).ok());
    ASSERT_TRUE(s_engine->docker({"push", "-q", missing}).ok());
    ASSERT_TRUE(s_engine->docker({"rmi", missing}).ok());
    EXPECT_TRUE(runs("imageless")) << "it is tried again and again";
}

TEST_F(Pods, haveTheirTimeToEnd)
{
    const auto host = cluster().folder() / "last-words";
    std::filesystem::create_directory(host);
    const auto spec = [&](const char* command) {
        return fmt::format(R"(
  containers:
    - name: main
      image: IMAGE
      command: [sh, -c, '{}']
      lifecycle: {{preStop: {{exec: {{command: [sh, -c, 'echo stop >> /host/$HOSTNAME']}}}}}}
      volumeMounts: [{{name: host, mountPath: /host}}]
  volumes: [{{name: host, hostPath: {{path: "{}"}}}}]
)",
                           command, host.string());
    };
    apply("polite", spec(R"(trap "sleep 1; echo bye >> /host/$HOSTNAME; exit 0" TERM; while :; do sleep 0.1; done)"));
    apply("deaf", spec("trap : TERM; while :; do sleep 0.1; done"));
    ASSERT_TRUE(runs("polite"));
    ASSERT_TRUE(runs("deaf"));
    cluster().out({"delete", "pod", "polite", "--grace-period=20"});
    EXPECT_EQ(support::readFile(host / "polite"), "stop\nbye\n");
    const SystemClock clock;
    const auto began = clock.steady();
    cluster().out({"delete", "pod", "deaf", "--grace-period=2"});
    EXPECT_GE(clock.steady() - began, seconds{2}) << "it had its time";
    EXPECT_LT(clock.steady() - began, seconds{15}) << "and no more";
    EXPECT_EQ(s_engine->docker({"ps", "-aq", "--filter", "label=keelson.pod=deaf"}).output, "");
}

TEST_F(Pods, areReachedOverAPortOfEachNode)
{
    cluster().out({"apply", "-f", "-"}, webManifest("Deployment", "open", s_image, 2));
    cluster().out({"expose", "deployment", "open", "--type=NodePort", "--port=80", "--target-port=8080"});
    ASSERT_TRUE(cluster().shows({"get", "deployment", "open", "-o", "jsonpath={.status.readyReplicas}"}, "2"));
    const auto port = cluster().out({"get", "service", "open", "-o", "jsonpath={.spec.ports[0].nodePort}"});
    const auto names = cluster().out({"get", "pods", "-l", "app=open", "-o", "jsonpath={.items[*].metadata.name}"});
    for (const auto& address :
         {cluster().out(
              {"get", "nodes", "-o", "jsonpath={.items[0].status.addresses[?(@.type==\"InternalIP\")].address}"}),
          std::string("127.0.0.1")}) {
        std::set<std::string> answers;
        EXPECT_TRUE(eventually(seconds{10}, [&] {
            answers.insert(
                support::run({"curl", "-s", "--max-time", "2", fmt::format("http://{}:{}/", address, port)}).output);
            answers.erase("");
            return answers.size() == 2;
        })) << address;
        for (const auto& answer : answers)
            EXPECT_THAT(names + "\n", HasSubstr(answer.substr(0, answer.find('\n')))) << address;
    }
    cluster().out({"delete", "deployment,service", "open"});
}

TEST_F(Pods, goWhereTheyFitAndSayWhyTheyDoNot)
{
    const auto cores =
        std::stoi(cluster().out({"get", "node", cluster().nodeName(0), "-o", "jsonpath={.status.allocatable.cpu}"}));
    const auto large = fmt::format("  containers: [{{name: main, image: IMAGE, command: [sleep, '600'], resources: "
                                   "{{requests: {{cpu: {}m}}}}}}]\n",
                                   cores * 600);
    apply("large1", large);
    apply("large2", large);
    ASSERT_TRUE(runs("large1"));
    ASSERT_TRUE(runs("large2"));
    for (const auto* const pod : {"large1", "large2"}) {
        const auto range = cluster().out({"get", "node", of(pod, ".spec.nodeName"), "-o", "jsonpath={.spec.podCIDR}"});
        EXPECT_THAT(of(pod, ".status.podIP"), testing::StartsWith(range.substr(0, range.rfind('.') + 1))) << range;
    }
    EXPECT_NE(of("large1", ".spec.nodeName"), of("large2", ".spec.nodeName")) << "no node has room for both";
    apply("large3", large);
    EXPECT_TRUE(isTold("large3", "FailedScheduling", "0/2 nodes are available: 2 Insufficient cpu."));
    EXPECT_EQ(of("large3", ".status.conditions[?(@.type==\"PodScheduled\")].reason"), "Unschedulable");
    const auto freed = of("large2", ".spec.nodeName");
    cluster().out({"delete", "pod", "large2"});
    EXPECT_TRUE(runs("large3")) << "room that becomes free is used";
    EXPECT_EQ(of("large3", ".spec.nodeName"), freed);

    apply("picky",
          "  nodeSelector: {disk: ssd}\n  containers: [{name: main, image: IMAGE, command: [sleep, '600']}]\n");
    EXPECT_TRUE(isTold("picky", "FailedScheduling",
                       "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector."));
    cluster().out({"label", "node", cluster().nodeName(1), "disk=ssd"});
    EXPECT_TRUE(runs("picky"));
    EXPECT_EQ(of("picky", ".spec.nodeName"), cluster().nodeName(1));

    cluster().out({"taint", "node", cluster().nodeName(0), "for=others:NoSchedule"});
    cluster().out({"cordon", cluster().nodeName(1)});
    apply("homeless", "  containers: [{name: main, image: IMAGE, command: [sleep, '600']}]\n");
    EXPECT_TRUE(isTold("homeless", "FailedScheduling",
                       "0/2 nodes are available: 1 node(s) had untolerated taint {for: others}, 1 node(s) were "
                       "unschedulable."));
    cluster().out({"uncordon", cluster().nodeName(1)});
    EXPECT_TRUE(runs("homeless"));
    cluster().out({"taint", "node", cluster().nodeName(0), "for-"});
    cluster().out({"label", "node", cluster().nodeName(1), "disk-"});
}

TEST_F(Pods, forcedOntoANodeWithoutRoomAreRejected)
{
    const auto forced = [](const char* container) {
        return fmt::format(
            "  nodeName: {}\n  containers: [{{name: main, image: IMAGE, command: [sleep, '600'], {}}}]\n",
            cluster().nodeName(0), container);
    };
    apply("huge", forced("resources: {requests: {cpu: '1000'}}"));
    EXPECT_TRUE(becomes("huge", ".status.reason", "OutOfcpu"));
    EXPECT_THAT(of("huge", ".status.message"), HasSubstr("Pod was rejected: Node didn't have enough resource: cpu"));
    EXPECT_THAT(cluster().out({"get", "pod", "huge"}), testing::ContainsRegex("huge +0/1 +OutOfcpu"));
    EXPECT_TRUE(isTold("huge", "OutOfcpu", "requested: 1000000"));
    apply("first", forced("ports: [{containerPort: 8080, hostPort: 18080}]"));
    ASSERT_TRUE(runs("first"));
    apply("second", forced("ports: [{containerPort: 8080, hostPort: 18080}]"));
    EXPECT_TRUE(becomes("second", ".status.reason", "NodePorts"));
    EXPECT_EQ(of("first", ".status.phase"), "Running");
}

} // namespace
} // namespace keelson::e2e
