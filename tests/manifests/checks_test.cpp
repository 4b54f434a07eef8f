// SPDX-License-Identifier: Apache-2.0
#include "document/manifest_text.h"
#include "manifests/hints.h"
#include "manifests/references.h"
#include "manifests/set_check.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace keelson::manifests {
namespace {

const std::string workload = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: web:1
          ports: [{name: http, containerPort: 8080}]
)";

SetReport checked(const std::string& stream, Surroundings around = {},
                  const std::set<std::string, std::less<>>& off = {})
{
    const document::ManifestText manifest(stream);
    std::vector<DocumentText> documents;
    for (std::size_t i = 0; i < manifest.documents(); ++i)
        documents.push_back({i, manifest.revisionOf(i), std::string(manifest.textOf(i)), manifest.tree(i)});
    SetCheck check;
    return check.check(documents, document::Kinds(), std::move(around), off);
}

/// "document:line code" of everything but hints about practices.
std::string problems(const std::string& stream, const Surroundings& around = {})
{
    std::set<std::string, std::less<>> off;
    for (const auto& practice : practices())
        off.emplace(practice.code);
    std::string shown;
    for (const auto& [source, found] : checked(stream, around, off).found)
        for (const auto& one : found)
            shown += fmt::format("{}{}:{} {}", shown.empty() ? "" : "\n", source, one.line + 1, one.code);
    return shown;
}

/// The stream after the first cure of the first finding with that code in the first document that has it.
std::string cured(const std::string& stream, const std::string& code, std::size_t cure = 0)
{
    document::ManifestText manifest(stream);
    for (const auto& [source, found] : checked(stream).found)
        for (const auto& one : found) {
            if (one.code != code || one.cures.size() <= cure)
                continue;
            if (one.cures[cure].text.empty()) {
                const auto done = manifest.edit(source, one.cures[cure].edits, "Cure");
                return done ? manifest.text() : done.error().message;
            }
            for (const auto& splice : one.cures[cure].text)
                manifest.replace(manifest.offsetOf(source) + splice.offset, splice.length, splice.text);
            return manifest.text();
        }
    return "no cure";
}

std::string service(const std::string& selector, const std::string& port)
{
    return fmt::format("---\napiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: default}}\nspec:\n"
                       "  selector: {{app: {}}}\n  ports:\n    - port: 80\n      targetPort: {}\n",
                       selector, port);
}

std::string podWith(const std::string& rest)
{
    return "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: default}\nspec:\n  containers:\n"
           "    - name: a\n      image: b:1\n" +
           rest;
}

} // namespace

TEST(References, servicesSelectPods)
{
    EXPECT_EQ(problems(workload + service("web", "http")), "");
    EXPECT_EQ(problems(workload + service("wbe", "http")), "1:6 selects-nothing");
    EXPECT_EQ(problems(workload + service("web", "htpt")), "1:9 missing-port");
    EXPECT_EQ(problems(workload + service("web", "9090")), "1:9 undeclared-port");
    Surroundings around;
    around.clusterPods = {{"default", {{"app", "wbe"}}}};
    EXPECT_EQ(problems(workload + service("wbe", "http"), around), "") << "the cluster has such pods";
    around.clusterPods = {{"other", {{"app", "wbe"}}}};
    EXPECT_EQ(problems(workload + service("wbe", "http"), around), "1:6 selects-nothing") << "in another namespace";
}

TEST(References, nameWhatIsThere)
{
    const auto mount = podWith("  volumes:\n    - name: v\n      configMap: {name: settings}\n");
    EXPECT_EQ(problems(mount), "0:10 missing-reference");
    EXPECT_EQ(problems(mount + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"), "");
    EXPECT_EQ(problems(podWith("  volumes:\n    - name: v\n      configMap: {name: x, optional: true}\n")), "");
    EXPECT_EQ(problems(podWith("  serviceAccountName: nobody\n")), "0:8 missing-reference");
    EXPECT_EQ(problems(podWith("  serviceAccountName: default\n")), "");
    Surroundings around;
    around.cluster["ConfigMap"] = {true, {{"default", "settings"}}};
    EXPECT_EQ(problems(mount, around), "");
    around.cluster["ConfigMap"] = {true, {{"other", "settings"}}};
    const auto report = checked(mount, around);
    const auto found = std::ranges::find(report.found.at(0), "missing-reference", &document::Diagnostic::code);
    ASSERT_NE(found, report.found.at(0).end());
    EXPECT_EQ(found->severity, document::Severity::Warning) << "what the cluster has is known";
    EXPECT_EQ(found->message, "ConfigMap default/settings is neither in this set nor in the cluster");
}

TEST(References, keysAreThere)
{
    const auto env = [](const std::string& key) {
        return "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: a\n      image: b:1\n"
               "      env:\n        - name: A\n          valueFrom:\n            configMapKeyRef:\n"
               "              name: settings\n              key: " +
               key + "\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {colour: red}\n";
    };
    EXPECT_EQ(problems(env("colour")), "");
    EXPECT_EQ(problems(env("color")), "0:13 missing-key");
    EXPECT_EQ(cured(env("color"), "missing-key"), env("colour"));
}

TEST(References, objectsStandOnce)
{
    const std::string map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    EXPECT_EQ(problems(map + "---\n" + map), "1:4 defined-twice");
    EXPECT_EQ(problems(map + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: other}\n"),
              "1:4 missing-reference")
        << "of another namespace, which is not here";
}

TEST(References, ofAListAreThoseOfItsItems)
{
    const std::string list = "apiVersion: v1\nkind: List\nitems:\n";
    const auto map = [](const std::string& name) {
        return "- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: " + name + "}\n  data: {colour: red}\n";
    };
    const auto pod = [](const std::string& key) {
        return "- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n  spec:\n    containers:\n"
               "    - name: a\n      image: b:1\n      env:\n      - name: A\n        valueFrom:\n"
               "          configMapKeyRef: {name: settings, key: " +
               key + "}\n";
    };
    EXPECT_EQ(problems(list + map("settings") + pod("colour")), "") << "items know each other";
    EXPECT_EQ(problems(list + map("settings") + pod("color")), "0:18 missing-key");
    EXPECT_EQ(problems(list + map("other") + pod("colour")), "0:18 missing-reference");
    EXPECT_EQ(problems(list + map("settings") + "---\n" + list + pod("color")), "1:15 missing-key")
        << "and those of other documents";
    EXPECT_EQ(problems(list + map("a") + map("b") + map("a")), "0:14 defined-twice");
    EXPECT_EQ(cured(list + map("settings") + pod("color"), "missing-key"), list + map("settings") + pod("colour"));
    const auto nested = "- {kind: List, apiVersion: v1, items: [{kind: Secret, apiVersion: v1, metadata: {name: s, "
                        "namespace: away}}]}\n";
    EXPECT_EQ(problems(list + map("settings") + nested), "0:8 missing-reference");
}

TEST(References, areCured)
{
    EXPECT_EQ(cured(workload + service("wbe", "http"), "selects-nothing"), workload + service("web", "http"));
    EXPECT_EQ(cured(workload + service("web", "htpt"), "missing-port"), workload + service("web", "http"));
    EXPECT_THAT(cured(podWith("  serviceAccountName: robot\n"), "missing-reference"),
                testing::EndsWith("---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: robot\n"
                                  "  namespace: default\n"));
}

TEST(Practices, areHintsThatCanBeSwitchedOff)
{
    const auto codes = [](const std::string& text, const std::set<std::string, std::less<>>& off = {}) {
        std::set<std::string> all;
        for (const auto& one : checked(text, {}, off).found.at(0))
            if (one.severity == document::Severity::Hint)
                all.insert(one.code);
        return all;
    };
    EXPECT_THAT(codes(workload),
                testing::UnorderedElementsAre("no-limits", "no-requests", "no-readiness", "no-liveness", "runs-as-root",
                                              "writable-root", "one-replica", "no-app-label"));
    EXPECT_THAT(codes(workload, {"no-limits"}), testing::Not(testing::Contains("no-limits")));
    EXPECT_THAT(codes(podWith("      securityContext: {privileged: true}\n  hostNetwork: true\n")),
                testing::IsSupersetOf({"privileged", "host-access"}));
    EXPECT_THAT(codes(podWith("      env: [{name: DB_PASSWORD, value: x}]\n")), testing::Contains("literal-secret"));
    EXPECT_THAT(
        codes("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: 'r:5/b'}]}"),
        testing::Contains("latest-tag"));
    EXPECT_THAT(codes("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: a}\n"
                      "rules: [{apiGroups: [''], resources: ['*'], verbs: [get]}]"),
                testing::ElementsAre("wildcard-role"));
}

TEST(Practices, ofAListAreThoseOfItsItems)
{
    const std::string list =
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n"
        "  spec:\n    containers:\n    - name: a\n      image: b\n";
    const auto report = checked(list);
    const auto found = std::ranges::find(report.found.at(0), "latest-tag", &document::Diagnostic::code);
    ASSERT_NE(found, report.found.at(0).end());
    EXPECT_EQ(found->line, 9u);
    EXPECT_EQ(cured(list, "no-limits"), list + "      resources:\n        limits:\n          memory: 256Mi\n");
}

TEST(Practices, areCuredWithoutTouchingTheRest)
{
    const auto mended = cured(workload, "no-limits");
    EXPECT_THAT(mended, testing::HasSubstr("          resources:\n            limits:\n              memory: 256Mi\n"));
    EXPECT_THAT(mended, testing::StartsWith(workload.substr(0, workload.find("        - name"))));
}

TEST(SetCheck, keepsWhatHasNotChanged)
{
    document::ManifestText manifest("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {contaners: []}\n");
    SetCheck check;
    const auto first = check.check({{7, 1, manifest.text(), manifest.tree(0)}}, document::Kinds(), {}, {});
    const auto again = check.check({{7, 1, "", nullptr}}, document::Kinds(), {}, {});
    EXPECT_EQ(first.found.at(7).size(), again.found.at(7).size());
    EXPECT_EQ(again.surroundings->objects.size(), 1u);
}

} // namespace keelson::manifests
