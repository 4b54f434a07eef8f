// SPDX-License-Identifier: Apache-2.0
#include "pods/environment.h"

#include "pods/pod_specs.h"
#include "pods/pod_story.h"
#include "pods/pod_view.h"

namespace keelson::pods {
namespace {

TEST(Expand, replacesWhatIsKnown)
{
    const Environment known{{"A", "1"}, {"B", "$(A)"}};
    const struct {
        const char* text;
        const char* expanded;
    } cases[] = {{"x$(A)y", "x1y"}, {"$(B)", "$(A)"}, {"$(C)", "$(C)"}, {"$$(A)", "$(A)"},
                 {"$A", "$A"},      {"$", "$"},       {"$(A", "$(A"},   {"$$$(A)", "$1"}};
    for (const auto& each : cases)
        EXPECT_EQ(expand(each.text, known), each.expanded) << each.text;
}

struct EnvironmentOf : testing::Test {
    api::Pod pod = fromYaml<api::Pod>(R"(
metadata: {name: web, namespace: shop, uid: u1, labels: {app: web}}
spec:
  serviceAccountName: robot
  containers:
    - name: main
      image: a
      resources: {limits: {cpu: 1500m, memory: 64Mi}, requests: {cpu: 250m}}
)");
    PodObjects objects;
    PodFacts facts{.podIp = "10.0.0.5", .hostIp = "192.168.0.1", .nodeName = "n1", .nodeCpuMilli = 4000};

    std::string made(const std::string& env)
    {
        auto container = fromYaml<api::Container>("{name: main, image: a, " + env + "}");
        const auto environment = containerEnvironment(pod, container, objects, facts);
        if (!environment)
            return environment.error().message;
        std::string text;
        for (const auto& [name, value] : *environment)
            text += fmt::format("{}={} ", name, value);
        return text;
    }
};

TEST_F(EnvironmentOf, takesValuesFromEverywhere)
{
    objects.configMaps["app"] = std::make_shared<api::ConfigMap>(fromYaml<api::ConfigMap>("data: {a: '1', b: '2'}"));
    objects.secrets["key"] = std::make_shared<api::Secret>(fromYaml<api::Secret>("data: {p: c2VjcmV0}"));
    const struct {
        const char* env;
        const char* made;
    } cases[] = {
        {"env: [{name: A, value: x}, {name: B, value: $(A)y}]", "A=x B=xy "},
        {"env: [{name: A, valueFrom: {configMapKeyRef: {name: app, key: b}}}]", "A=2 "},
        {"env: [{name: A, valueFrom: {secretKeyRef: {name: key, key: p}}}]", "A=secret "},
        {"envFrom: [{prefix: X_, configMapRef: {name: app}}], env: [{name: X_a, value: own}]", "X_a=own X_b=2 "},
        {"env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]", "A=web "},
        {"env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]", "A=10.0.0.5 "},
        {"env: [{name: A, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['app']\"}}}]", "A=web "},
        {"env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}]", "A=2 "},
        {"env: [{name: A, valueFrom: {resourceFieldRef: {resource: requests.cpu, divisor: 1m}}}]", "A=250 "},
        {"env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}]", "A=64 "},
        {"env: [{name: A, valueFrom: {configMapKeyRef: {name: app, key: z, optional: true}}}]", ""},
        {"env: [{name: A, valueFrom: {configMapKeyRef: {name: none, key: z}}}]", "configmap \"none\" not found"},
        {"env: [{name: A, valueFrom: {secretKeyRef: {name: key, key: z}}}]", "couldn't find key z in Secret shop/key"},
        {"envFrom: [{secretRef: {name: none}}]", "secret \"none\" not found"},
        {"envFrom: [{secretRef: {name: none, optional: true}}]", ""},
        {"env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.x}}}]", "field label not supported: spec.x"},
    };
    for (const auto& each : cases)
        EXPECT_EQ(made(each.env), each.made) << each.env;
}

TEST_F(EnvironmentOf, tellsOfServices)
{
    objects.services.push_back(std::make_shared<api::Service>(
        fromYaml<api::Service>("{metadata: {name: my-db, namespace: shop}, spec: {clusterIP: 10.96.0.7, ports: [{name: "
                               "sql, port: 5432, protocol: TCP}]}}")));
    objects.services.push_back(std::make_shared<api::Service>(fromYaml<api::Service>(
        "{metadata: {name: headless, namespace: shop}, spec: {clusterIP: None, ports: [{port: 1}]}}")));
    EXPECT_EQ(made(""),
              "MY_DB_SERVICE_HOST=10.96.0.7 MY_DB_SERVICE_PORT=5432 MY_DB_SERVICE_PORT_SQL=5432 "
              "MY_DB_PORT=tcp://10.96.0.7:5432 MY_DB_PORT_5432_TCP=tcp://10.96.0.7:5432 "
              "MY_DB_PORT_5432_TCP_PROTO=tcp MY_DB_PORT_5432_TCP_PORT=5432 MY_DB_PORT_5432_TCP_ADDR=10.96.0.7 ");
    pod.spec.enableServiceLinks = false;
    EXPECT_EQ(made(""), "");
}

TEST(SandboxSpecOf, followsTheDnsPolicy)
{
    NodeSettings settings;
    settings.dnsAddress = "10.96.0.10";
    settings.hostNameServers = {"9.9.9.9"};
    settings.hostSearches = {"lan"};
    const auto dns = [&](const std::string& spec) {
        const auto made = sandboxSpec(
            fromYaml<api::Pod>("{metadata: {name: w, namespace: shop}, spec: {" + spec + "}}"), settings, 0);
        return fmt::format("{} {} {}", made.dnsServers.empty() ? "-" : made.dnsServers[0],
                           made.dnsSearches.empty() ? "-" : made.dnsSearches[0],
                           made.dnsOptions.empty() ? "-" : made.dnsOptions[0]);
    };
    EXPECT_EQ(dns("dnsPolicy: ClusterFirst"), "10.96.0.10 shop.svc.cluster.local ndots:5");
    EXPECT_EQ(dns("dnsPolicy: ClusterFirst, hostNetwork: true"), "9.9.9.9 lan -");
    EXPECT_EQ(dns("dnsPolicy: ClusterFirstWithHostNet, hostNetwork: true"),
              "10.96.0.10 shop.svc.cluster.local ndots:5");
    EXPECT_EQ(dns("dnsPolicy: Default"), "9.9.9.9 lan -");
    EXPECT_EQ(dns("dnsPolicy: None, dnsConfig: {nameservers: [1.1.1.1], searches: [x], options: [{name: ndots, value: "
                  "'2'}]}"),
              "1.1.1.1 x ndots:2");
    EXPECT_EQ(dns("dnsPolicy: ClusterFirst, dnsConfig: {options: [{name: ndots, value: '2'}]}"),
              "10.96.0.10 shop.svc.cluster.local ndots:2");
}

TEST(ContainerSpecOf, refusesASubPathThatLeavesTheVolume)
{
    const auto pod = fromYaml<api::Pod>("{metadata: {name: w, namespace: d}, spec: {}}");
    const auto container =
        fromYaml<api::Container>("{name: m, image: a, volumeMounts: [{name: v, mountPath: /v, subPath: a/../../etc}]}");
    const auto spec = containerSpec(pod, container, {}, {}, {{"v", "/pods/v"}}, {});
    ASSERT_FALSE(spec);
    EXPECT_EQ(spec.error().reason, Reason::Invalid);
}

TEST(ContainerSpecOf, takesOverInputAndPropagation)
{
    const auto pod = fromYaml<api::Pod>("{metadata: {name: w, namespace: d}, spec: {}}");
    const auto container = fromYaml<api::Container>(
        "{name: m, image: a, stdin: true, stdinOnce: true, volumeMounts: [{name: v, mountPath: /v}, "
        "{name: v, mountPath: /w, mountPropagation: HostToContainer}]}");
    const auto spec = containerSpec(pod, container, {}, {}, {{"v", "/pods/v"}}, {.processesOf = "other"});
    ASSERT_TRUE(spec.has_value());
    EXPECT_TRUE(spec->openStdin && spec->stdinOnce);
    EXPECT_EQ(spec->processesOf, "other");
    EXPECT_EQ(spec->mounts.at(0).propagation, containers::Propagation::None);
    EXPECT_EQ(spec->mounts.at(1).propagation, containers::Propagation::HostToContainer);
}

TEST(ContainerSpecOf, letsTheContainerOverrideThePod)
{
    const auto pod = fromYaml<api::Pod>(
        "{metadata: {name: w, namespace: d}, spec: {securityContext: {runAsUser: 1, runAsGroup: 2, fsGroup: 3}}}");
    const auto container = fromYaml<api::Container>(
        "{name: m, image: a, command: [run, $(A)], env: [{name: A, value: x}], resources: {limits: {cpu: 500m}}, "
        "securityContext: {runAsUser: 9, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false}}");
    const auto spec = containerSpec(pod, container, {}, {}, {}, {.attempt = 4, .nextBackoff = Milliseconds{10'000}});
    ASSERT_TRUE(spec.has_value());
    EXPECT_EQ(spec->runAsUser, 9);
    EXPECT_EQ(spec->runAsGroup, 2);
    EXPECT_EQ(spec->supplementalGroups, std::vector<std::int64_t>{3});
    EXPECT_EQ(spec->command, (std::vector<std::string>{"run", "x"}));
    EXPECT_EQ(spec->cpuLimitMilli, 500);
    EXPECT_EQ(spec->cpuShares, 512);
    EXPECT_TRUE(spec->noNewPrivileges);
    EXPECT_EQ(spec->annotations.at("backoffMs"), "10000");
}

TEST(Credentials, areFoundByRegistry)
{
    auto pod = fromYaml<api::Pod>("{metadata: {name: w, namespace: d}, spec: {imagePullSecrets: [{name: r}]}}");
    PodObjects objects;
    auto secret = std::make_shared<api::Secret>();
    secret->data[".dockerconfigjson"] =
        R"({"auths": {"https://index.docker.io/v1/": {"username": "hub", "password": "h"}, "127.0.0.1:5000": {"auth": "dTpw"}}})";
    objects.secrets["r"] = secret;
    EXPECT_EQ(credentialsFor(pod, "busybox", objects)->userName, "hub");
    EXPECT_EQ(credentialsFor(pod, "127.0.0.1:5000/a", objects)->userName, "u");
    EXPECT_EQ(credentialsFor(pod, "127.0.0.1:5000/a", objects)->password, "p");
    EXPECT_FALSE(credentialsFor(pod, "quay.io/a", objects).has_value());
}

TEST(FollowingBackoff, doublesToFiveMinutes)
{
    std::string steps;
    Milliseconds delay{0};
    for (int i = 0; i < 8; ++i) {
        delay = followingBackoff(delay, std::chrono::seconds{1});
        steps += fmt::format("{} ", delay.count() / 1000);
    }
    EXPECT_EQ(steps, "10 20 40 80 160 300 300 300 ");
    EXPECT_EQ(followingBackoff(delay, std::chrono::minutes{10}), Milliseconds{10'000});
}

} // namespace
} // namespace keelson::pods
