// SPDX-License-Identifier: Apache-2.0
#include "design/connect.h"
#include "design/relations.h"
#include "design/set.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::design {
namespace {

const std::string workload = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, tier: front}}
    spec:
      serviceAccountName: runner
      imagePullSecrets: [{name: registry}]
      containers:
        - name: web
          image: web:1
          ports: [{name: http, containerPort: 8080}]
          envFrom:
            - configMapRef: {name: settings}
          env:
            - {name: A, value: b}
            - name: PASSWORD
              valueFrom: {secretKeyRef: {name: credentials, key: password}}
          volumeMounts:
            - {name: data, mountPath: /data}
      volumes:
        - name: data
          persistentVolumeClaim: {claimName: data}
---
)";

std::string object(const std::string& kind, const std::string& name, const std::string& rest = {})
{
    return fmt::format("apiVersion: v1\nkind: {}\nmetadata: {{name: {}}}\n{}---\n", kind, name, rest);
}

/// "Service web -> Deployment web: 80 → http", a line each.
std::string shown(const TestSet& set)
{
    std::string text;
    for (const auto& relation : relationsOf(set.cards())) {
        const auto& from = set.cards()[relation.from].object;
        const auto& to = set.cards()[relation.to].object;
        text += fmt::format("{} {} -> {} {}: {}\n", from.kind, from.name, to.kind, to.name, relation.label);
    }
    return text;
}

TEST(Relations, areReadFromTheFields)
{
    struct Row {
        std::string other;
        const char* relation;
    };
    const std::vector<Row> rows{
        {object("Service", "front", "spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}\n"),
         "Service front -> Deployment web: 80 → http\n"},
        {object("Service", "none", "spec: {ports: [{port: 80}]}\n"), ""},
        {object("Service", "more", "spec: {selector: {app: web, tier: back}}\n"), ""},
        {object("PodDisruptionBudget", "b", "spec: {selector: {matchLabels: {tier: front}}}\n"),
         "PodDisruptionBudget b -> Deployment web: keeps running\n"},
        {object("NetworkPolicy", "p", "spec: {podSelector: {}}\n"), "NetworkPolicy p -> Deployment web: guards\n"},
        {object("NetworkPolicy", "p",
                "spec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: "
                "web}}}]}]}\n"),
         "NetworkPolicy p -> Deployment web: from\n"},
        {object("HorizontalPodAutoscaler", "h", "spec: {scaleTargetRef: {kind: Deployment, name: web}}\n"),
         "HorizontalPodAutoscaler h -> Deployment web: \n"},
        {object("ConfigMap", "settings"), "Deployment web -> ConfigMap settings: env\n"},
        {object("Secret", "credentials"), "Deployment web -> Secret credentials: env\n"},
        {object("Secret", "registry"), "Deployment web -> Secret registry: pulls images\n"},
        {object("PersistentVolumeClaim", "data"), "Deployment web -> PersistentVolumeClaim data: /data\n"},
        {object("ServiceAccount", "runner"), "Deployment web -> ServiceAccount runner: \n"},
        {object("ServiceAccount", "other"), ""},
        {"kind: ConfigMap\nmetadata: {name: settings, namespace: else}\n", ""},
    };
    for (const auto& row : rows)
        EXPECT_EQ(shown(TestSet(workload + row.other)), row.relation) << row.other;
}

TEST(Relations, leadFromTheIngressAndFromBindings)
{
    const TestSet set(
        object(
            "Ingress", "in",
            "spec: {rules: [{http: {paths: [{path: /a, backend: {service: {name: web}}}, {path: /b, backend: {service: "
            "{name: web}}}]}}], tls: [{secretName: cert}]}\n") +
        object("Service", "web") + object("Secret", "cert") + object("Role", "reader") +
        object("RoleBinding", "bind",
               "roleRef: {kind: Role, name: reader}\nsubjects: [{kind: ServiceAccount, name: runner, namespace: "
               "default}]\n") +
        object("ServiceAccount", "runner") + "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n" +
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\n");
    EXPECT_EQ(shown(set), "Ingress in -> Service web: /a, /b\n"
                          "Ingress in -> Secret cert: TLS\n"
                          "RoleBinding bind -> Role reader: \n"
                          "RoleBinding bind -> ServiceAccount runner: to\n"
                          "ConfigMap c -> Namespace shop: \n");
}

TEST(Relations, areTakenOutWithTheirLists)
{
    struct Row {
        const char* kind;
        const char* name;
        std::string gone; ///< What is no longer in the text.
    };
    const std::vector<Row> rows{
        {"ConfigMap", "settings", "          envFrom:\n            - configMapRef: {name: settings}\n"},
        {"Secret", "credentials",
         "            - name: PASSWORD\n              valueFrom: {secretKeyRef: {name: credentials, key: password}}\n"},
        {"Secret", "registry", "      imagePullSecrets: [{name: registry}]\n"},
        {"ServiceAccount", "runner", "      serviceAccountName: runner\n"},
        {"PersistentVolumeClaim", "data",
         "          volumeMounts:\n            - {name: data, mountPath: /data}\n      volumes:\n        - name: "
         "data\n      "
         "    persistentVolumeClaim: {claimName: data}\n"},
    };
    for (const auto& row : rows) {
        TestSet set(workload + object(row.kind, row.name));
        const auto relations = relationsOf(set.cards());
        ASSERT_EQ(relations.size(), 1U) << row.kind;
        const auto edits = withoutRelation(set.cards()[0], relations[0]);
        ASSERT_TRUE(edits) << row.kind;
        auto wanted = set.manifest.text();
        wanted.erase(wanted.find(row.gone), row.gone.size());
        ASSERT_TRUE(set.manifest.edit(0, *edits, "Disconnect")) << row.kind;
        EXPECT_EQ(set.manifest.text(), wanted) << row.kind;
    }
}

TEST(Relations, whoIsNoLongerLetThroughDoesNotLeaveTheWayOpen)
{
    struct Row {
        const char* before;
        const char* after;
    };
    const std::string peer = "podSelector: {matchLabels: {app: web}}";
    const std::vector<Row> rows{
        // A rule without peers would let everybody through.
        {", policyTypes: [Ingress], ingress: [{from: [{PEER}]}]", ", policyTypes: [Ingress]"},
        {", ingress: [{from: [{PEER}], ports: [{port: 80}]}, {from: [{podSelector: {matchLabels: {app: db}}}]}]",
         ", ingress: [{from: [{podSelector: {matchLabels: {app: db}}}]}]"},
        {", ingress: [{from: [{PEER}, {ipBlock: {cidr: 10.0.0.0/8}}]}]",
         ", ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]"},
        {", policyTypes: [Egress], egress: [{to: [{PEER}]}]", ", policyTypes: [Egress]"},
        // Without types the rules alone say that what leaves the pods is guarded.
        {", egress: [{to: [{PEER}]}]", ", policyTypes: [Ingress, Egress]"},
    };
    for (const auto& row : rows) {
        const auto policy = [&](std::string rest) {
            if (const auto at = rest.find("PEER"); at != std::string::npos)
                rest.replace(at, 4, peer);
            return object("NetworkPolicy", "p", "spec: {podSelector: {matchLabels: {app: db}}" + rest + "}\n");
        };
        TestSet set(workload + policy(row.before));
        const auto relations = relationsOf(set.cards());
        ASSERT_FALSE(relations.empty()) << row.before;
        const auto edits = withoutRelation(set.cards()[1], relations[0]);
        ASSERT_TRUE(edits) << row.before;
        ASSERT_TRUE(set.manifest.edit(1, *edits, "Disconnect")) << row.before;
        EXPECT_EQ(set.manifest.text(), workload + policy(row.after));
    }
}

TEST(Relations, thatAnObjectCannotDoWithoutStay)
{
    for (const auto& other :
         {object("HorizontalPodAutoscaler", "h", "spec: {scaleTargetRef: {kind: Deployment, name: web}}\n"),
          object("NetworkPolicy", "p", "spec: {podSelector: {matchLabels: {app: web}}}\n"),
          object("PodDisruptionBudget", "p", "spec: {selector: {matchLabels: {app: web}}}\n")}) {
        const TestSet set(workload + other);
        const auto relations = relationsOf(set.cards());
        ASSERT_EQ(relations.size(), 1U) << other;
        const auto edits = withoutRelation(set.cards()[1], relations[0]);
        ASSERT_FALSE(edits) << other;
        EXPECT_EQ(edits.error().reason, Reason::Invalid);
        EXPECT_NE(edits.error().message.find("connect it to another"), std::string::npos);
    }
}

TEST(Relations, ofAnIngressGoRuleByRule)
{
    TestSet set(
        object("Ingress", "in",
               "spec:\n  rules:\n    - host: a\n      http:\n        paths:\n          - path: /\n            "
               "backend: {service: {name: web}}\n    - host: b\n      http:\n        paths:\n          - path: /\n  "
               "          backend: {service: {name: api}}\n") +
        object("Service", "web") + object("Service", "api"));
    const auto relations = relationsOf(set.cards());
    ASSERT_EQ(relations.size(), 2U);
    ASSERT_TRUE(set.manifest.edit(0, *withoutRelation(set.cards()[0], relations[0]), "Disconnect"));
    EXPECT_EQ(set.manifest.text().find("host: a"), std::string::npos);
    EXPECT_NE(set.manifest.text().find("host: b"), std::string::npos);
}

TEST(Cards, keepTheLastGoodStateAndTheirIds)
{
    TestSet set(
        "kind: ConfigMap\nmetadata: {name: a}\n---\n# only a comment\n---\nkind: Secret\nmetadata: {name: b}\n");
    ASSERT_EQ(set.cards().size(), 3U);
    EXPECT_FALSE(set.cards()[1].isShown());
    const auto a = set.cards()[0].id;
    const auto b = set.cards()[2].id;
    const auto colon = set.manifest.text().find("name: a");
    set.manifest.replace(colon, 7, "name: [a");
    set.update();
    EXPECT_EQ(set.cards()[0].id, a);
    EXPECT_EQ(set.cards()[0].object.name, "a") << "what was last read";
    EXPECT_NE(set.cards()[0].problem, "");
    EXPECT_FALSE(set.cards()[0].isEditable());
    set.manifest.replace(colon, 8, "name: renamed");
    set.manifest.replace(0, 0, "kind: Namespace\nmetadata: {name: first}\n---\n");
    set.update();
    ASSERT_EQ(set.cards().size(), 4U);
    EXPECT_EQ(set.cards()[3].id, b);
    EXPECT_EQ(set.cards()[3].document, 3U);
    EXPECT_EQ(set.cards()[0].object.name, "first");
    EXPECT_EQ(set.cards()[1].object.name, "renamed");
    EXPECT_EQ(set.cards()[1].problem, "");
}

TEST(Cards, areReadAgainUnderTheirOwnIds)
{
    TestSet set("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\nkind: Namespace\nmetadata: {name: b}\n");
    const auto ids = std::pair(set.cards()[0].id, set.cards()[1].id);
    set.list.readAgain();
    std::vector<Source> sources;
    for (std::size_t i = 0; i < set.manifest.documents(); ++i)
        sources.push_back({1, i, set.manifest.revisionOf(i), set.manifest.textOf(i), set.manifest.tree(i)});
    EXPECT_TRUE(set.list.update(sources, document::Kinds(), "shop"));
    EXPECT_EQ(std::pair(set.cards()[0].id, set.cards()[1].id), ids);
    EXPECT_EQ(set.cards()[0].object.nameSpace, "shop");
    EXPECT_EQ(set.cards()[1].object.nameSpace, "");
}

TEST(Cards, sayWhatTheyAreInAFewWords)
{
    struct Row {
        std::string text;
        const char* words;
    };
    const std::vector<Row> rows{
        {workload, "1 × web:1"},
        {object("Service", "s", "spec: {ports: [{port: 80, targetPort: 8080}, {port: 443}]}\n"), "80 → 8080, 443"},
        {object("ConfigMap", "c", "data: {a: b}\n"), "1 key"},
        {object("Secret", "c"), "0 keys"},
        {object("CronJob", "c",
                "spec: {schedule: '0 * * * *', jobTemplate: {spec: {template: {spec: {containers: [{image: "
                "reg.io/x/y:2}]}}}}}\n"),
         "0 * * * * · y:2"},
        {object("Ingress", "i", "spec: {rules: [{host: a.b}, {host: c}]}\n"), "a.b +1"},
        {object("PersistentVolumeClaim", "p", "spec: {resources: {requests: {storage: 1Gi}}}\n"), "1Gi"},
        {object("HorizontalPodAutoscaler", "h", "spec: {maxReplicas: 4}\n"), "1 to 4 pods"},
        {object("ServiceAccount", "h"), ""},
    };
    for (const auto& row : rows)
        EXPECT_EQ(summaryOf(TestSet(row.text).cards()[0]), row.words) << row.text;
}

} // namespace
} // namespace keelson::design
