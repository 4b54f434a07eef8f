// SPDX-License-Identifier: Apache-2.0
#include "registry/cluster.h"

#include <fmt/ranges.h>

namespace keelson::registry {
namespace {

class PodSecurityCluster : public Cluster {
public:
    PodSecurityCluster()
    {
        context.warnings = &warnings;
        context.auditAnnotations = &annotations;
    }
    void label(std::string_view labels)
    {
        warnings.clear();
        ASSERT_EQ(outcome(merge("Namespace", "default", fmt::format("{{metadata: {{labels: {}}}}}", labels))), "ok");
    }
    /// The outcome, the warnings and the annotations of the audit log.
    std::string created(std::string_view kindName, std::string_view text)
    {
        warnings.clear();
        annotations.clear();
        auto said = outcome(create(kindName, text));
        for (const auto& warning : warnings)
            said += "\nwarning: " + warning;
        for (const auto& [name, value] : annotations)
            said += fmt::format("\n{}: {}", name, value);
        return said;
    }

    std::vector<std::string> warnings;
    std::map<std::string, std::string> annotations;
};

constexpr std::string_view hostPod =
    "{metadata: {name: web}, spec: {hostNetwork: true, containers: [{name: c, image: i}]}}";

TEST(PodSecurity, enforcesWarnsAndAudits)
{
    PodSecurityCluster cluster;
    cluster.label("{pod-security.kubernetes.io/enforce: baseline}");
    EXPECT_EQ(cluster.created("Pod", hostPod),
              "Forbidden: pods \"web\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces "
              "(hostNetwork=true)\npod-security.kubernetes.io/enforce-policy: baseline:latest");
    cluster.label("{pod-security.kubernetes.io/enforce: null, pod-security.kubernetes.io/warn: baseline}");
    cluster.context.dryRun = true;
    EXPECT_EQ(cluster.created("Pod", hostPod),
              "ok\nwarning: would violate PodSecurity \"baseline:latest\": host namespaces (hostNetwork=true)\n"
              "pod-security.kubernetes.io/enforce-policy: privileged:latest");
    cluster.context.dryRun = false;
    cluster.label("{pod-security.kubernetes.io/warn: null, pod-security.kubernetes.io/audit: baseline, "
                  "pod-security.kubernetes.io/audit-version: v1.30}");
    EXPECT_EQ(cluster.created("Pod", hostPod),
              "ok\npod-security.kubernetes.io/audit-violations: would violate PodSecurity \"baseline:v1.30\": host "
              "namespaces (hostNetwork=true)\npod-security.kubernetes.io/enforce-policy: privileged:latest");
}

TEST(PodSecurity, warnsOfTemplates)
{
    PodSecurityCluster cluster;
    cluster.label("{pod-security.kubernetes.io/enforce: baseline}");
    const std::string warning =
        "ok\nwarning: would violate PodSecurity \"baseline:latest\": host namespaces (hostNetwork=true)";
    const std::string pod =
        "{metadata: {labels: {a: b}}, spec: {hostNetwork: true, containers: [{name: c, image: i}]}}";
    const std::string onFailure = "{metadata: {labels: {a: b}}, spec: {hostNetwork: true, restartPolicy: OnFailure, "
                                  "containers: [{name: c, image: i}]}}";
    const std::string selector = "selector: {matchLabels: {a: b}}, ";
    for (const auto& [kind, spec] : {
             std::pair{"Deployment", "spec: {" + selector + "template: " + pod + "}"},
             {"ReplicaSet", "spec: {" + selector + "template: " + pod + "}"},
             {"StatefulSet", "spec: {serviceName: s, " + selector + "template: " + pod + "}"},
             {"DaemonSet", "spec: {" + selector + "template: " + pod + "}"},
             {"ReplicationController", "spec: {selector: {a: b}, template: " + pod + "}"},
             {"Job", "spec: {template: " + onFailure + "}"},
             {"CronJob", "spec: {schedule: '@daily', jobTemplate: {spec: {template: " + onFailure + "}}}"},
             {"PodTemplate", "template: " + pod},
         })
        EXPECT_EQ(cluster.created(kind, fmt::format("{{metadata: {{name: x}}, {}}}", spec)), warning) << kind;
}

TEST(PodSecurity, judgesOnlyWhatIsNewInAPod)
{
    PodSecurityCluster cluster;
    ASSERT_EQ(outcome(cluster.create("Pod", hostPod)), "ok");
    cluster.label("{pod-security.kubernetes.io/enforce: baseline}");
    EXPECT_EQ(outcome(cluster.merge("Pod", "web", "{metadata: {labels: {x: z}}}")), "ok");
    EXPECT_EQ(outcome(cluster.merge("Pod", "web", "{status: {phase: Running}}", "status")), "ok");
    EXPECT_EQ(outcome(cluster.merge("Pod", "web", "{metadata: {annotations: {x: z}}}")), "ok");
    EXPECT_EQ(outcome(cluster.registry->patch(
                  cluster.context, cluster.kind("Pod"), cluster.key("Pod", "web"), {}, api::PatchType::Json,
                  api::parseYaml("[{op: replace, path: /spec/containers/0/image, value: other}]").value())),
              "Forbidden: pods \"web\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces "
              "(hostNetwork=true)");
}

TEST(PodSecurity, passesOverWhoIsExempt)
{
    PodSecurityCluster cluster;
    const std::string prefix = "\npod-security.kubernetes.io/";
    const auto refused = "Forbidden: pods \"web\" is forbidden: violates PodSecurity \"baseline:latest\": host "
                         "namespaces (hostNetwork=true)" +
                         prefix + "enforce-policy: baseline:latest";
    struct Row {
        podsecurity::Configuration configuration;
        std::string outcome;
    };
    const podsecurity::Policy baseline{podsecurity::Level::Baseline, {}};
    podsecurity::Configuration defaults;
    defaults.defaults.enforce = baseline;
    const auto with = [&](std::set<std::string> podsecurity::Configuration::* list, const char* name) {
        auto changed = defaults;
        (changed.*list).insert(name);
        return changed;
    };
    using podsecurity::Configuration;
    ASSERT_EQ(outcome(cluster.create("RuntimeClass", "{metadata: {name: boxed}, handler: boxed}")), "ok");
    for (const auto& [configuration, expected] : {
             Row{defaults, refused},
             Row{with(&Configuration::exemptNamespaces, "other"), refused},
             Row{with(&Configuration::exemptNamespaces, "default"), "ok" + prefix + "exempt: namespace"},
             Row{with(&Configuration::exemptUsers, "tes"), refused},
             Row{with(&Configuration::exemptUsers, "test"), "ok" + prefix + "exempt: user"},
             Row{with(&Configuration::exemptRuntimeClasses, "other"), refused},
             Row{with(&Configuration::exemptRuntimeClasses, "boxed"), "ok" + prefix + "exempt: runtimeClass"},
         }) {
        cluster.restart({.podSecurity = configuration});
        EXPECT_EQ(cluster.created("Pod", "{metadata: {name: web}, spec: {hostNetwork: true, runtimeClassName: boxed, "
                                         "containers: [{name: c, image: i}]}}"),
                  expected);
        cluster.remove("Pod", "web", {.gracePeriodSeconds = 0});
    }
    cluster.restart({.podSecurity = with(&Configuration::exemptUsers, "test")});
    cluster.label("{pod-security.kubernetes.io/warn: baseline}");
    EXPECT_EQ(cluster.created("PodTemplate", "{metadata: {name: x}, template: {metadata: {labels: {a: b}}, spec: "
                                             "{hostNetwork: true, containers: [{name: c, image: i}]}}}"),
              "ok" + prefix + "exempt: user");
}

TEST(PodSecurity, warnsOfPodsThatAreThereWhenANamespaceIsTightened)
{
    PodSecurityCluster cluster;
    ASSERT_EQ(outcome(cluster.create("Pod", hostPod)), "ok");
    const std::string warned = "existing pods in namespace \"default\" violate the new PodSecurity enforce level ";
    struct Row {
        const char* level;
        const char* version;
        std::string warning;
    };
    for (const auto& [level, version, warning] : {
             Row{"restricted", "latest", warned + "\"restricted:latest\""},
             Row{"baseline", "latest", ""},
             Row{"baseline", "v1.25", warned + "\"baseline:v1.25\""},
             Row{"baseline", "v1.25", ""},
             Row{"restricted", "v1.25", warned + "\"restricted:v1.25\""},
             Row{"privileged", "v1.25", ""},
         }) {
        cluster.label(fmt::format("{{pod-security.kubernetes.io/enforce: {}, "
                                  "pod-security.kubernetes.io/enforce-version: {}}}",
                                  level, version));
        EXPECT_EQ(cluster.warnings.empty() ? "" : cluster.warnings.front(), warning) << level << version;
    }
}

TEST(PodSecurity, readsTheLabelsOfNamespaces)
{
    PodSecurityCluster cluster;
    EXPECT_EQ(
        outcome(cluster.create("Namespace", "{metadata: {name: strict, labels: {pod-security.kubernetes.io/enforce: "
                                            "strict}}}")),
        "Invalid: Namespace \"strict\" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "
        "\"strict\": must be one of privileged, baseline, restricted");
    for (const auto* const name : {"web", "web2"})
        ASSERT_EQ(
            outcome(cluster.create("Pod", fmt::format("{{metadata: {{name: {}}}, spec: {{hostPID: true, containers: "
                                                      "[{{name: c, image: i}}]}}}}",
                                                      name))),
            "ok");
    cluster.label("{pod-security.kubernetes.io/enforce: baseline}");
    EXPECT_EQ(fmt::format("{}", fmt::join(cluster.warnings, "\n")),
              "existing pods in namespace \"default\" violate the new PodSecurity enforce level \"baseline:latest\"\n"
              "web (and 1 other pod): host namespaces");
}

} // namespace
} // namespace keelson::registry
