// SPDX-License-Identifier: Apache-2.0
// A manifest against what a cluster has: differences, cleaning, and where its pods would go.
#include "design/clean.h"
#include "design/drift.h"
#include "design/ghosts.h"
#include "design/palette.h"
#include "design/set.h"

#include "api/validation.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::design {
namespace {

api::Value yaml(const std::string& text)
{
    return *api::parseYaml(text);
}

const std::string manifest = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default, labels: {a: b}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: web:1
          ports: [{containerPort: 80}]
          resources: {limits: {cpu: "0.5", memory: 1Gi}}
)";

api::Value live()
{
    auto object = yaml(manifest);
    api::applyDefaults(*document::Kinds().find("apps/v1", "Deployment"), object);
    auto& metadata = api::objectAt(object, {"metadata"});
    metadata["uid"] = "7";
    metadata["resourceVersion"] = "1";
    metadata["generation"] = 1;
    metadata["creationTimestamp"] = "2026-01-01T00:00:00Z";
    metadata["managedFields"] = api::Array{};
    api::objectAt(object, {"metadata", "annotations"})["deployment.kubernetes.io/revision"] = "1";
    object.get_object()["status"] = api::Object{{"replicas", 2}};
    return object;
}

std::string drift(const std::string& before, const std::string& after)
{
    auto text = manifest;
    if (!before.empty())
        text.replace(text.find(before), before.size(), after);
    std::string all;
    for (const auto& path : driftOf(document::Kinds().find("apps/v1", "Deployment"), yaml(text), live()))
        all += (all.empty() ? "" : " ") + document::pathText(path);
    return all;
}

TEST(Drift, isWhatTheManifestSaysOtherwise)
{
    struct Row {
        const char* before;
        const char* after;
        const char* places;
    };
    const std::vector<Row> rows{
        {"", "", ""},
        {"replicas: 2", "replicas: 3", "spec.replicas"},
        {"  replicas: 2\n", "", ""},
        {"\"0.5\"", "500m", ""},
        {"1Gi", "1024Mi", ""},
        {"1Gi", "2Gi", "spec.template.spec.containers[0].resources.limits.memory"},
        {"image: web:1", "image: web:2", "spec.template.spec.containers[0].image"},
        {"- name: web", "- name: other", "spec.template.spec.containers[0]"},
        {"labels: {a: b}", "labels: {a: b, c: d}", "metadata.labels.c"},
        {"image: web:1", "image: web:1\n          tty: false\n          env: []", ""},
        {"image: web:1", "image: web:1\n          command: [x]", "spec.template.spec.containers[0].command"},
    };
    for (const auto& row : rows)
        EXPECT_EQ(drift(row.before, row.after), row.places) << row.after;
}

TEST(Drift, ofASecretKnowsItsTexts)
{
    const auto* kind = document::Kinds().find("v1", "Secret");
    const auto secret = yaml("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: b}\n");
    EXPECT_TRUE(driftOf(kind, secret, yaml("kind: Secret\nmetadata: {name: a}\ndata: {a: Yg==}\n")).empty());
    EXPECT_EQ(driftOf(kind, secret, yaml("kind: Secret\nmetadata: {name: a}\ndata: {a: eA==}\n")).size(), 1U);
}

TEST(Clean, leavesWhatAPersonWouldHaveWritten)
{
    EXPECT_EQ(api::writeJson(cleaned(live())), api::writeJson(yaml(manifest)));
    const auto service = cleaned(yaml(R"(apiVersion: v1
kind: Service
metadata: {name: s, uid: x}
spec: {clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1], ipFamilies: [IPv4], ipFamilyPolicy: SingleStack, type: ClusterIP,
  sessionAffinity: None, internalTrafficPolicy: Cluster, selector: {app: web},
  ports: [{port: 80, targetPort: 80, protocol: TCP}]}
status: {loadBalancer: {}}
)"));
    EXPECT_EQ(api::writeJson(service),
              R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{"selector":)"
              R"({"app":"web"},"ports":[{"port":80}]}})");
    const auto headless =
        cleaned(yaml("apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {clusterIP: None, ports: "
                     "[{port: 80, targetPort: http}]}\n"));
    EXPECT_NE(api::writeJson(headless).find(R"("clusterIP":"None")"), std::string::npos);
    EXPECT_NE(api::writeJson(headless).find(R"("targetPort":"http")"), std::string::npos);
}

TEST(Clean, startersSurviveACluster)
{
    const document::Kinds kinds;
    for (const auto* entry : paletteOf(kinds)) {
        const auto object = starter(*entry, "web");
        const auto* kind = kinds.find(entry->apiVersion, entry->kind);
        auto there = object;
        api::applyDefaults(*kind, there);
        auto back = cleaned(there);
        EXPECT_TRUE(driftOf(kind, object, there).empty()) << entry->kind;
        api::applyDefaults(*kind, back);
        EXPECT_TRUE(driftOf(kind, there, back).empty()) << entry->kind << api::writeJson(back);
    }
}

TEST(Clean, knowsWhatOthersMade)
{
    EXPECT_FALSE(isMadeByOthers(live()));
    for (const auto* text :
         {"kind: ReplicaSet\nmetadata: {name: a, ownerReferences: [{name: b}]}",
          "kind: ServiceAccount\nmetadata: {name: default}", "kind: ConfigMap\nmetadata: {name: kube-root-ca.crt}",
          "kind: Namespace\nmetadata: {name: default}",
          "kind: Secret\ntype: kubernetes.io/service-account-token\nmetadata: {name: a}"})
        EXPECT_TRUE(isMadeByOthers(yaml(text))) << text;
}

api::Value node(const std::string& name, const std::string& cpu, const std::string& rest = "{}")
{
    return yaml(
        fmt::format("apiVersion: v1\nkind: Node\nmetadata: {{name: {}, labels: {{kubernetes.io/hostname: {}}}}}\nspec: "
                    "{}\nstatus: {{allocatable: {{cpu: '{}', memory: 4Gi, pods: '10'}}}}\n",
                    name, name, rest, cpu));
}

TEST(Ghosts, goWhereTheSchedulerWouldPutThem)
{
    const std::vector<api::Value> nodes{node("a", "1"), node("b", "2"), node("c", "8", "{unschedulable: true}")};
    const TestSet set(manifest);
    const auto plan = placeGhosts(set.cards()[0], nodes, {});
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->wanted, 2U);
    EXPECT_EQ(plan->unplaced, 0U);
    ASSERT_EQ(plan->placed.size(), 1U);
    EXPECT_EQ(plan->placed[0].node, "b") << "the least loaded";
    ASSERT_EQ(plan->nodes.size(), 3U);
    EXPECT_TRUE(plan->nodes[0].isFree);
    EXPECT_EQ(plan->nodes[2].node, "c");
    EXPECT_EQ(plan->nodes[2].reasons, std::vector<std::string>{"node(s) were unschedulable"});
}

TEST(Ghosts, sayWhyNotElsewhere)
{
    auto text = manifest;
    text.replace(text.find("replicas: 2"), 11, "replicas: 5");
    const TestSet set(text);
    const auto plan = placeGhosts(set.cards()[0], {node("a", "1"), node("b", "1")}, {});
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->placed.size(), 2U);
    EXPECT_EQ(plan->unplaced, 1U) << "four halves of a processor are taken";
    EXPECT_EQ(plan->refusal, "0/2 nodes are available: 2 Insufficient cpu.");
}

TEST(Ghosts, countWhatRunsButNotTheirOwn)
{
    const auto pod = [](const std::string& name, const std::string& app, const std::string& phase) {
        return yaml(
            fmt::format("apiVersion: v1\nkind: Pod\nmetadata: {{name: {0}, uid: {0}, namespace: default, labels: "
                        "{{app: {1}}}}}\nspec: {{nodeName: a, containers: [{{name: c, resources: {{requests: {{cpu: "
                        "'1'}}}}}}]}}\nstatus: {{phase: {2}}}\n",
                        name, app, phase));
    };
    const TestSet set(manifest);
    const auto wanted = [&](const std::vector<api::Value>& pods) {
        return placeGhosts(set.cards()[0], {node("a", "1")}, pods)->unplaced;
    };
    EXPECT_EQ(wanted({}), 0U);
    EXPECT_EQ(wanted({pod("x", "other", "Running")}), 2U);
    EXPECT_EQ(wanted({pod("x", "other", "Succeeded")}), 0U);
    EXPECT_EQ(wanted({pod("x", "web", "Running")}), 0U) << "its own pods make room";
}

TEST(Ghosts, ofADaemonSetAreOneEach)
{
    const TestSet set(
        "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: d}\nspec: {template: {spec: {containers: [{name: "
        "c, image: i}]}}}\n");
    const auto plan = placeGhosts(set.cards()[0], {node("a", "1"), node("b", "1")}, {});
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->placed.size(), 2U);
    EXPECT_FALSE(placeGhosts(TestSet("kind: Service\nmetadata: {name: s}\n").cards()[0], {}, {}));
}

} // namespace
} // namespace keelson::design
