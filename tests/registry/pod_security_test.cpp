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
    EXPECT_EQ(outcome(cluster.merge("Pod", "web",
                                    "{metadata: {annotations: {container.apparmor.security.beta.kubernetes.io/c: "
                                    "runtime/default}}}")),
              "Forbidden: pods \"web\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces "
              "(hostNetwork=true)");
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
