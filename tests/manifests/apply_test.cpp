// SPDX-License-Identifier: Apache-2.0
#include "manifests/apply_order.h"
#include "manifests/live_object.h"

#include <gmock/gmock.h>

namespace keelson::manifests {
namespace {

std::string without(const std::string& yaml, const std::string& field)
{
    auto value = *api::parseYaml(yaml);
    return withoutField(value, field) ? api::writeJson(value) : "not there";
}

std::string shown(const std::vector<DiffLine>& lines)
{
    std::string text;
    for (const auto& line : lines)
        text += std::string(line.kind == DiffLine::Kind::Added     ? "+"
                            : line.kind == DiffLine::Kind::Removed ? "-"
                                                                   : " ") +
                line.text + (line.isDefault ? " *" : "") + "\n";
    return text;
}

} // namespace

TEST(ApplyOrder, whatOthersNeedComesFirst)
{
    const std::vector<std::string> kinds{"Ingress",
                                         "Deployment",
                                         "Widget",
                                         "Service",
                                         "ConfigMap",
                                         "Role",
                                         "Namespace",
                                         "ServiceAccount",
                                         "Deployment",
                                         "RoleBinding",
                                         "CustomResourceDefinition",
                                         "PersistentVolumeClaim"};
    std::vector<std::string> order;
    for (const auto i : applyOrder(kinds))
        order.push_back(kinds[i]);
    EXPECT_THAT(order, testing::ElementsAre("Namespace", "CustomResourceDefinition", "ServiceAccount", "Role",
                                            "RoleBinding", "ConfigMap", "PersistentVolumeClaim", "Service", "Widget",
                                            "Deployment", "Deployment", "Ingress"));
    EXPECT_EQ(applyOrder({"Pod", "Pod", "Pod"}), (std::vector<std::size_t>{0, 1, 2}));
}

TEST(Conflicts, areReadFromTheRefusal)
{
    Error error = makeError(Reason::Conflict, "Apply failed with 1 conflict");
    error.causes = {{"FieldManagerConflict", R"(conflict with "kubectl" using apps/v1)", ".spec.replicas"},
                    {"Other", "x", ".y"}};
    EXPECT_EQ(conflictsOf(error), (std::vector<FieldConflict>{{"kubectl", ".spec.replicas"}}));
    EXPECT_TRUE(conflictsOf(makeError(Reason::Invalid, "x")).empty());
}

TEST(Conflicts, fieldsAreLeftToTheirOwners)
{
    EXPECT_EQ(without("{spec: {replicas: 1, x: 2}}", ".spec.replicas"), R"({"spec":{"x":2}})");
    EXPECT_EQ(without("{c: [{name: a, i: 1}, {name: b, i: 2}]}", R"(.c[name="b"].i)"),
              R"({"c":[{"name":"a","i":1},{"name":"b"}]})");
    EXPECT_EQ(without("{c: [{port: 80, protocol: TCP, i: 1}]}", R"(.c[port=80,protocol="TCP"].i)"),
              R"({"c":[{"port":80,"protocol":"TCP"}]})");
    EXPECT_EQ(without("{f: [a, b]}", R"(.f[="a"])"), R"({"f":["b"]})");
    EXPECT_EQ(without("{f: [a, b]}", ".f[1]"), R"({"f":["a"]})");
    EXPECT_EQ(without("{labels: {app.kubernetes.io/name: x, a: b}}", ".labels.app.kubernetes.io/name"),
              R"({"labels":{"a":"b"}})");
    EXPECT_EQ(without("{a: 1}", ".b"), "not there");
    EXPECT_EQ(without("{c: [{name: 'a]b', i: 1}]}", R"(.c[name="a]b"].i)"), R"({"c":[{"name":"a]b"}]})");
    EXPECT_EQ(without("{c: []}", R"(.c[name="a].i)"), "not there");
    EXPECT_EQ(without("{c: [1]}", ".c[99999999999999999999]"), "not there");
}

TEST(LiveObject, isReadInPeoplesOrder)
{
    const auto live =
        *api::parseYaml("{status: {a: 1}, spec: {b: 1}, data: {}, metadata: {uid: u, annotations: {k: m}, "
                        "labels: {a: b}, managedFields: [], namespace: ns, name: x}, kind: K, apiVersion: v}");
    EXPECT_EQ(readableYaml(live), "apiVersion: v\nkind: K\nmetadata:\n  name: x\n  namespace: ns\n  labels:\n    a: b\n"
                                  "  annotations:\n    k: m\n  uid: u\nspec:\n  b: 1\ndata: {}\nstatus:\n  a: 1\n");
}

TEST(LiveObject, isComparedWithoutWhatTheServerManages)
{
    const auto live = *api::parseYaml(
        "{apiVersion: v, kind: K, metadata: {name: x, uid: u, resourceVersion: '1', generation: 2, creationTimestamp: "
        "t, "
        "annotations: {kubectl.kubernetes.io/last-applied-configuration: y}}, spec: {b: 1}, status: {c: d}}");
    EXPECT_EQ(api::writeYaml(comparable(live)), "apiVersion: v\nkind: K\nmetadata:\n  name: x\nspec:\n  b: 1\n");
    EXPECT_TRUE(comparable(nullptr).is_null());
}

TEST(Diff, marksWhatTheManifestDoesNotSay)
{
    const auto live = *api::parseYaml("{kind: K, metadata: {name: x}, spec: {a: 1, list: [{name: i, c: 3}]}}");
    const auto wanted = *api::parseYaml("{kind: K, metadata: {name: x}, spec: {a: 2, list: [{name: i, c: 3}]}}");
    const auto manifest = *api::parseYaml("{kind: K, metadata: {name: x}, spec: {a: 2, list: [{name: i}]}}");
    EXPECT_EQ(shown(diffObjects(live, wanted, manifest)), " kind: K\n metadata:\n   name: x\n spec:\n-  a: 1\n+  a: 2\n"
                                                          "   list:\n   - name: i\n     c: 3 *\n");
    EXPECT_EQ(shown(diffObjects(nullptr, *api::parseYaml("{a: b}"), nullptr)), "+a: b\n");
    EXPECT_EQ(countOf(diffObjects(live, wanted, manifest)).added, 1u);
}

TEST(Diff, ofTextsThatShareNothing)
{
    std::string a;
    std::string b;
    for (int i = 0; i < 3'000; ++i) {
        a += "a" + std::to_string(i) + "\n";
        b += "b" + std::to_string(i) + "\n";
    }
    EXPECT_EQ(diffLines(a, b).size(), 6'000u);
    EXPECT_TRUE(diffLines("", "").empty());
    EXPECT_EQ(shown(diffLines("a\nb\nc\n", "a\nx\nc\n")), " a\n-b\n+x\n c\n");
}

} // namespace keelson::manifests
