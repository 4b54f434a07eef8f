// SPDX-License-Identifier: Apache-2.0
#include "manifests/merge.h"

#include "api/catalog.h"

#include <gtest/gtest.h>

namespace keelson::manifests {
namespace {

using api::Value;

const api::Schema* deploymentSchema()
{
    return api::Catalog::builtIn().find({"apps", "v1"}, "Deployment")->schema;
}

/// `metadata` and `spec` in flow style.
Value object(const std::string& yaml)
{
    return *api::parseYaml(yaml);
}

std::string textOf(const std::optional<Value>& value)
{
    return value ? api::writeJson(*value) : "gone";
}

/// The merged object; then each conflict as "field: mine / theirs", a line each.
std::string merged(const std::string& base, const std::string& mine, const std::string& theirs,
                   const std::vector<Decision>& decisions = {})
{
    const auto merge = mergeOntoLive(object(base), object(mine), object(theirs), deploymentSchema(), decisions);
    auto text = api::writeJson(merge.object);
    for (const auto& conflict : merge.conflicts)
        text += "\n" + conflict.field + ": " + textOf(conflict.mine) + " / " + textOf(conflict.theirs);
    return text;
}

} // namespace

TEST(Merge, takesWhatOneSideChanged)
{
    const struct {
        const char* what;
        const char* base;
        const char* mine;
        const char* theirs;
        const char* merged;
    } table[] = {
        {"nobody changed it", "spec: {replicas: 1}", "spec: {replicas: 1}", "spec: {replicas: 1}",
         R"({"spec":{"replicas":1}})"},
        {"I did", "spec: {replicas: 1}", "spec: {replicas: 3}", "spec: {replicas: 1}", R"({"spec":{"replicas":3}})"},
        {"they did", "spec: {replicas: 1}", "spec: {replicas: 1}", "spec: {replicas: 5}", R"({"spec":{"replicas":5}})"},
        {"both alike", "spec: {replicas: 1}", "spec: {replicas: 3}", "spec: {replicas: 3}",
         R"({"spec":{"replicas":3}})"},
        {"each another field", "spec: {replicas: 1, paused: false}", "spec: {replicas: 3, paused: false}",
         "spec: {replicas: 1, paused: true}", R"({"spec":{"replicas":3,"paused":true}})"},
        {"each a member of a map that was not there", "metadata: {name: web}",
         "metadata: {name: web, labels: {a: '1'}}", "metadata: {name: web, labels: {b: '2'}}",
         R"({"metadata":{"name":"web","labels":{"b":"2","a":"1"}}})"},
        {"I took a label out, they added one", "metadata: {labels: {a: '1', b: '2'}}", "metadata: {labels: {b: '2'}}",
         "metadata: {labels: {a: '1', b: '2', c: '3'}}", R"({"metadata":{"labels":{"b":"2","c":"3"}}})"},
        {"versions are always theirs", "metadata: {resourceVersion: '1', generation: 1}", "metadata: {generation: 7}",
         "metadata: {resourceVersion: '2', generation: 2}", R"({"metadata":{"resourceVersion":"2","generation":2}})"},
    };
    for (const auto& row : table)
        EXPECT_EQ(merged(row.base, row.mine, row.theirs), row.merged) << row.what;
}

TEST(Merge, listsByTheirKeys)
{
    const auto template_ = [](const std::string& podSpec) { return "spec: {template: {spec: {" + podSpec + "}}}"; };
    const auto json = [](const std::string& podSpec) { return R"({"spec":{"template":{"spec":{)" + podSpec + "}}}}"; };
    const struct {
        const char* what;
        const char* base;
        const char* mine;
        const char* theirs;
        const char* merged;
    } table[] = {
        {"each a member of one container", "containers: [{name: a, image: x}]", "containers: [{name: a, image: w}]",
         "containers: [{name: a, image: x, tty: true}]", R"("containers":[{"name":"a","image":"w","tty":true}])"},
        {"each a container more", "containers: [{name: a}]", "containers: [{name: a}, {name: mine}]",
         "containers: [{name: theirs}, {name: a}]", R"("containers":[{"name":"theirs"},{"name":"a"},{"name":"mine"}])"},
        {"I took one out, they changed another", "containers: [{name: a}, {name: b}]", "containers: [{name: b}]",
         "containers: [{name: a}, {name: b, tty: true}]", R"("containers":[{"name":"b","tty":true}])"},
        {"I sorted them, they added one", "containers: [{name: a}, {name: b}]", "containers: [{name: b}, {name: a}]",
         "containers: [{name: a}, {name: b}, {name: c}]", R"("containers":[{"name":"b"},{"name":"c"},{"name":"a"}])"},
        {"a key that the server filled in", "containers: [{name: a, ports: [{containerPort: 1, protocol: TCP}]}]",
         "containers: [{name: a, ports: [{containerPort: 1, name: p}]}]",
         "containers: [{name: a, ports: [{containerPort: 1, protocol: TCP}, {containerPort: 2, protocol: UDP}]}]",
         R"("containers":[{"name":"a","ports":[{"containerPort":1,"name":"p"},{"containerPort":2,"protocol":"UDP"}]}])"},
    };
    for (const auto& row : table)
        EXPECT_EQ(merged(template_(row.base), template_(row.mine), template_(row.theirs)), json(row.merged))
            << row.what;
    EXPECT_EQ(
        merged("metadata: {finalizers: [a, b]}", "metadata: {finalizers: [b]}", "metadata: {finalizers: [a, b, c]}"),
        R"({"metadata":{"finalizers":["b","c"]}})");
}

TEST(Merge, asksWhereBothChangedTheSame)
{
    const struct {
        const char* what;
        const char* base;
        const char* mine;
        const char* theirs;
        const char* merged;
    } table[] = {
        {"to different values", "spec: {replicas: 1}", "spec: {replicas: 3}", "spec: {replicas: 5}",
         "{\"spec\":{\"replicas\":3}}\nspec.replicas: 3 / 5"},
        {"I took it out", "metadata: {labels: {a.b/c: x, d: x}}", "metadata: {labels: {d: x}}",
         "metadata: {labels: {a.b/c: w, d: x}}",
         "{\"metadata\":{\"labels\":{\"d\":\"x\"}}}\nmetadata.labels[a.b/c]: gone / \"w\""},
        {"they took it out", "spec: {paused: true}", "spec: {paused: false}", "spec: {}",
         "{\"spec\":{\"paused\":false}}\nspec.paused: false / gone"},
        {"inside a list", "spec: {template: {spec: {containers: [{name: a, image: x}]}}}",
         "spec: {template: {spec: {containers: [{name: a, image: w}]}}}",
         "spec: {template: {spec: {containers: [{name: a, image: z}]}}}",
         "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"a\",\"image\":\"w\"}]}}}}\n"
         "spec.template.spec.containers[name=\"a\"].image: \"w\" / \"z\""},
        {"a list without keys", "spec: {template: {spec: {containers: [{name: a, args: [x]}]}}}",
         "spec: {template: {spec: {containers: [{name: a, args: [x, w]}]}}}",
         "spec: {template: {spec: {containers: [{name: a, args: [z, x]}]}}}",
         "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"a\",\"args\":[\"x\",\"w\"]}]}}}}\n"
         "spec.template.spec.containers[name=\"a\"].args: [\"x\",\"w\"] / [\"z\",\"x\"]"},
    };
    for (const auto& row : table)
        EXPECT_EQ(merged(row.base, row.mine, row.theirs), row.merged) << row.what;
}

TEST(Merge, aDecisionHoldsForTheConflictThatItWasMadeFor)
{
    const MergeConflict conflict{"spec.replicas", Value(3), Value(5)};
    const auto with = [&](Side side, int theirs) {
        const std::vector<Decision> decisions{{conflict, side}};
        const auto merge =
            mergeOntoLive(object("spec: {replicas: 1}"), object("spec: {replicas: 3}"),
                          object("spec: {replicas: " + std::to_string(theirs) + "}"), deploymentSchema(), decisions);
        return std::pair(api::integerAt(merge.object, {"spec", "replicas"}), merge.openCount);
    };
    EXPECT_EQ(with(Side::Theirs, 5), std::pair(std::int64_t{5}, std::size_t{0}));
    EXPECT_EQ(with(Side::Mine, 5), std::pair(std::int64_t{3}, std::size_t{0}));
    EXPECT_EQ(with(Side::Theirs, 6), std::pair(std::int64_t{3}, std::size_t{1})) << "it has changed again";
}

TEST(Merge, withoutASchemaListsAreOneValue)
{
    const auto merge =
        mergeOntoLive(object("spec: {items: [{name: a}]}"), object("spec: {items: [{name: a}, {name: b}]}"),
                      object("spec: {items: [{name: c}, {name: a}], size: 2}"), nullptr, {});
    ASSERT_EQ(merge.conflicts.size(), 1U);
    EXPECT_EQ(merge.conflicts[0].field, "spec.items");
    EXPECT_EQ(api::integerAt(merge.object, {"spec", "size"}), 2);
}

} // namespace keelson::manifests
