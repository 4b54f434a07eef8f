// SPDX-License-Identifier: Apache-2.0
#include "api/catalog.h"
#include "api/patch.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace keelson::api {
namespace {

Value json(std::string_view text)
{
    auto value = parseJson(text);
    EXPECT_TRUE(value) << text << ": " << value.error().message;
    return value ? *value : Value{};
}

std::string shown(const Result<Value>& result)
{
    return result ? writeJson(*result)
                  : fmt::format("! {} {}", reasonName(result.error().reason), result.error().message);
}

TEST(JsonPatch, isAppliedInOrder)
{
    struct Row {
        const char* document;
        const char* patch;
        const char* expected;
    };
    for (const auto& [document, patch, expected] : {
             Row{R"({"a":1})", R"([])", R"({"a":1})"},
             Row{R"({"a":1})", R"([{"op":"add","path":"/b","value":[1]}])", R"({"a":1,"b":[1]})"},
             Row{R"({"a":1})", R"([{"op":"add","path":"/a","value":2}])", R"({"a":2})"},
             Row{R"({"a":[1,2]})", R"([{"op":"add","path":"/a/1","value":9}])", R"({"a":[1,9,2]})"},
             Row{R"({"a":[1,2]})", R"([{"op":"add","path":"/a/2","value":9}])", R"({"a":[1,2,9]})"},
             Row{R"({"a":[1,2]})", R"([{"op":"add","path":"/a/-","value":9}])", R"({"a":[1,2,9]})"},
             Row{R"({"a":[1,2]})", R"([{"op":"remove","path":"/a/0"}])", R"({"a":[2]})"},
             Row{R"({"a":1,"b":2,"c":3})", R"([{"op":"remove","path":"/a"}])", R"({"b":2,"c":3})"},
             Row{R"({"a":{"b":1}})", R"([{"op":"replace","path":"/a/b","value":null}])", R"({"a":{"b":null}})"},
             Row{R"({"a":1})", R"([{"op":"replace","path":"","value":[]}])", R"([])"},
             Row{R"({"a":{"x":1},"b":{}})", R"([{"op":"move","from":"/a/x","path":"/b/y"}])",
                 R"({"a":{},"b":{"y":1}})"},
             Row{R"({"a":[1,2,3]})", R"([{"op":"move","from":"/a/0","path":"/a/2"}])", R"({"a":[2,3,1]})"},
             Row{R"({"a":{"x":1}})", R"([{"op":"copy","from":"/a","path":"/b"}])", R"({"a":{"x":1},"b":{"x":1}})"},
             Row{R"({"a/b":1,"c~d":2})", R"([{"op":"remove","path":"/a~1b"},{"op":"test","path":"/c~0d","value":2}])",
                 R"({"c~d":2})"},
             Row{R"({"":{"":1}})", R"([{"op":"replace","path":"//","value":2}])", R"({"":{"":2}})"},
             Row{R"({"a":{"x":1,"y":2.0}})", R"([{"op":"test","path":"/a","value":{"y":2,"x":1}}])",
                 R"({"a":{"x":1,"y":2E0}})"},
             Row{R"({})", R"([{"op":"test","path":"/a","value":null}])", R"({})"},
         })
        EXPECT_EQ(shown(applyJsonPatch(json(document), json(patch))), expected) << patch;
}

TEST(JsonPatch, saysWhatDoesNotApply)
{
    struct Row {
        const char* patch;
        Reason reason;
    };
    const auto document = json(R"({"a":{"b":[1,2]},"c":"x"})");
    for (const auto& [patch, reason] : {
             Row{R"({})", Reason::BadRequest},
             Row{R"([1])", Reason::BadRequest},
             Row{R"([{"path":"/a"}])", Reason::BadRequest},
             Row{R"([{"op":"grow","path":"/a"}])", Reason::BadRequest},
             Row{R"([{"op":"add","path":"a","value":1}])", Reason::BadRequest},
             Row{R"([{"op":"add","path":"/a~2","value":1}])", Reason::BadRequest},
             Row{R"([{"op":"add","path":"/a"}])", Reason::BadRequest},
             Row{R"([{"op":"move","path":"/a"}])", Reason::BadRequest},
             Row{R"([{"op":"remove","path":"/x"}])", Reason::Invalid},
             Row{R"([{"op":"replace","path":"/x","value":1}])", Reason::Invalid},
             Row{R"([{"op":"add","path":"/x/y","value":1}])", Reason::Invalid},
             Row{R"([{"op":"add","path":"/c/y","value":1}])", Reason::Invalid},
             Row{R"([{"op":"add","path":"/a/b/3","value":1}])", Reason::Invalid},
             Row{R"([{"op":"add","path":"/a/b/01","value":1}])", Reason::Invalid},
             Row{R"([{"op":"add","path":"/a/b/-1","value":1}])", Reason::Invalid},
             Row{R"([{"op":"remove","path":"/a/b/-"}])", Reason::Invalid},
             Row{R"([{"op":"move","from":"/x","path":"/y"}])", Reason::Invalid},
             Row{R"([{"op":"move","from":"/a","path":"/a/b/0"}])", Reason::Invalid},
             Row{R"([{"op":"test","path":"/a/b","value":[2,1]}])", Reason::Invalid},
             Row{R"([{"op":"test","path":"/c","value":1}])", Reason::Invalid},
         }) {
        const auto result = applyJsonPatch(document, json(patch));
        ASSERT_FALSE(result) << patch;
        EXPECT_EQ(result.error().reason, reason) << patch << ": " << result.error().message;
    }
}

TEST(JsonPatch, doesNotGrowWithoutBound)
{
    Array operations;
    for (int i = 0; i < 64; ++i)
        operations.emplace_back(
            json(i % 2 ? R"({"op":"copy","from":"","path":"/a"})" : R"({"op":"copy","from":"","path":"/b"})"));
    const auto result = applyJsonPatch(json(R"({"a":"0123456789"})"), operations);
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message.find("copy operations"), std::string::npos);

    operations = Array(200, json(R"({"op":"copy","from":"","path":"/a"})"));
    const auto deep = applyJsonPatch(json("{}"), operations);
    ASSERT_FALSE(deep);
    EXPECT_NE(deep.error().message.find("deep"), std::string::npos);

    operations = Array(10001, json(R"({"op":"test","path":"","value":{}})"));
    ASSERT_FALSE(applyJsonPatch(json("{}"), operations));
}

TEST(MergePatch, isRfc7396)
{
    struct Row {
        const char* document;
        const char* patch;
        const char* expected;
    };
    for (const auto& [document, patch, expected] : {
             // The examples of the RFC's appendix.
             Row{R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
             Row{R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
             Row{R"({"a":"b"})", R"({"a":null})", R"({})"},
             Row{R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
             Row{R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
             Row{R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
             Row{R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
             Row{R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
             Row{R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
             Row{R"({"a":"b"})", R"(["c"])", R"(["c"])"},
             Row{R"({"a":"foo"})", R"(null)", R"(null)"},
             Row{R"({"a":"foo"})", R"("bar")", R"("bar")"},
             Row{R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
             Row{R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
             Row{R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
         })
        EXPECT_EQ(writeJson(applyMergePatch(json(document), json(patch))), expected) << document << " " << patch;
}

/// A random tree without nulls.
Value randomTree(std::mt19937& random, int depth)
{
    const auto pick = [&](unsigned bound) { return random() % bound; };
    switch (depth > 0 ? pick(5) : 2 + pick(3)) {
    case 0: {
        Object object;
        for (auto i = pick(5); i > 0; --i)
            object.insert_or_assign(std::string(1, static_cast<char>('a' + pick(6))), randomTree(random, depth - 1));
        return object;
    }
    case 1: {
        Array array;
        for (auto i = pick(4); i > 0; --i)
            array.push_back(randomTree(random, depth - 1));
        return array;
    }
    case 2:
        return static_cast<std::int64_t>(pick(3));
    case 3:
        return pick(2) == 0;
    default:
        return Value(std::string(pick(3), 'x'));
    }
}

Value mergeDiff(const Value& from, const Value& to)
{
    Object diff;
    for (const auto& member : from.get_object()) {
        if (!to.get_object().contains(member.key()))
            diff[member.key()] = nullptr;
    }
    for (const auto& member : to.get_object()) {
        const auto* before = from.get_object().if_contains(member.key());
        if (!before || !before->is_object() || !member.value().is_object()) {
            if (!before || *before != member.value())
                diff[member.key()] = member.value();
        } else {
            diff[member.key()] = mergeDiff(*before, member.value());
        }
    }
    return diff;
}

TEST(MergePatch, carriesAnyDocumentToAnyOther)
{
    std::mt19937 random{7};
    for (int round = 0; round < 500; ++round) {
        const Value from = Object{{"m", randomTree(random, 4)}, {"n", randomTree(random, 3)}};
        const Value to = Object{{"m", randomTree(random, 4)}, {"o", randomTree(random, 3)}};
        ASSERT_EQ(applyMergePatch(from, Object{}), from);
        ASSERT_EQ(applyMergePatch(from, mergeDiff(from, to)), to) << writeJson(from) << " " << writeJson(to);
        ASSERT_EQ(applyMergePatch(applyMergePatch(from, mergeDiff(from, to)), mergeDiff(from, to)), to)
            << "not idempotent";
    }
}

Result<Value> patchPodSpec(std::string_view document, std::string_view patch)
{
    const auto* schema = Catalog::builtIn().findDefinition("core/v1/PodSpec");
    if (!schema)
        return fail(Reason::NotFound, "no core/v1/PodSpec");
    return applyStrategicPatch(*schema, json(document), json(patch));
}

struct StrategicRow {
    const char* what;
    const char* document;
    const char* patch;
    const char* expected;
};

TEST(StrategicPatch, mergesByTheSchema)
{
    for (const auto& [what, document, patch, expected] : {
             StrategicRow{"nothing", R"({"nodeName":"n"})", R"({})", R"({"nodeName":"n"})"},
             StrategicRow{"scalars and nulls", R"({"nodeName":"n","hostname":"h"})",
                          R"({"nodeName":null,"hostname":"i","subdomain":null})", R"({"hostname":"i"})"},
             StrategicRow{"maps", R"({"nodeSelector":{"a":"1","b":"2"}})", R"({"nodeSelector":{"a":null,"c":"3"}})",
                          R"({"nodeSelector":{"b":"2","c":"3"}})"},
             StrategicRow{"new map, nulls dropped", R"({})", R"({"nodeSelector":{"a":null,"c":"3"}})",
                          R"({"nodeSelector":{"c":"3"}})"},
             StrategicRow{"list by key", R"({"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]})",
                          R"({"containers":[{"name":"b","image":"2"}]})",
                          R"({"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"}]})"},
             StrategicRow{"list by key, added", R"({"containers":[{"name":"a","image":"1"}]})",
                          R"({"containers":[{"name":"b","image":"2"}]})",
                          R"({"containers":[{"name":"b","image":"2"},{"name":"a","image":"1"}]})"},
             StrategicRow{"member of an element", R"({"containers":[{"name":"a","image":"1","tty":true}]})",
                          R"({"containers":[{"name":"a","tty":null}]})",
                          R"({"containers":[{"name":"a","image":"1"}]})"},
             StrategicRow{"nested lists", R"({"containers":[{"name":"a","env":[{"name":"X","value":"1"}]}]})",
                          R"({"containers":[{"name":"a","env":[{"name":"X","value":"2"},{"name":"Y","value":"3"}]}]})",
                          R"({"containers":[{"name":"a","env":[{"name":"X","value":"2"},{"name":"Y","value":"3"}]}]})"},
             StrategicRow{"integer key", R"({"containers":[{"name":"a","ports":[{"containerPort":80,"name":"p"}]}]})",
                          R"({"containers":[{"name":"a","ports":[{"containerPort":80,"hostPort":8080}]}]})",
                          R"({"containers":[{"name":"a","ports":[{"containerPort":80,"name":"p","hostPort":8080}]}]})"},
             StrategicRow{"atomic list",
                          R"({"tolerations":[{"key":"a"}],"containers":[{"name":"a","args":["1","2"]}]})",
                          R"({"tolerations":[{"key":"b"}],"containers":[{"name":"a","args":["3"]}]})",
                          R"({"tolerations":[{"key":"b"}],"containers":[{"name":"a","args":["3"]}]})"},
             StrategicRow{"$patch delete of an element", R"({"containers":[{"name":"a"},{"name":"b"}]})",
                          R"({"containers":[{"name":"a","$patch":"delete"}]})", R"({"containers":[{"name":"b"}]})"},
             StrategicRow{"$patch delete of what is not there", R"({})",
                          R"({"containers":[{"name":"a","$patch":"delete"}]})", R"({"containers":[]})"},
             StrategicRow{"$patch replace of a list", R"({"containers":[{"name":"a"},{"name":"b"}]})",
                          R"({"containers":[{"$patch":"replace"},{"name":"c"}]})", R"({"containers":[{"name":"c"}]})"},
             StrategicRow{"$patch replace of a map", R"({"securityContext":{"runAsUser":1,"fsGroup":2}})",
                          R"({"securityContext":{"$patch":"replace","runAsUser":3}})",
                          R"({"securityContext":{"runAsUser":3}})"},
             StrategicRow{"$patch delete of a map", R"({"securityContext":{"runAsUser":1}})",
                          R"({"securityContext":{"$patch":"delete"}})", R"({"securityContext":{}})"},
             StrategicRow{"$patch delete of no map", R"({})", R"({"securityContext":{"$patch":"delete"}})", R"({})"},
             StrategicRow{"$patch merge", R"({"securityContext":{"runAsUser":1}})",
                          R"({"securityContext":{"$patch":"merge","fsGroup":2}})",
                          R"({"securityContext":{"runAsUser":1,"fsGroup":2}})"},
             StrategicRow{"$patch replace in an element",
                          R"({"containers":[{"name":"a","image":"1","livenessProbe":{"httpGet":{"path":"/"}}}]})",
                          R"({"containers":[{"name":"a","livenessProbe":{"$patch":"replace","periodSeconds":5}}]})",
                          R"({"containers":[{"name":"a","image":"1","livenessProbe":{"periodSeconds":5}}]})"},
             StrategicRow{
                 "$retainKeys", R"({"volumes":[{"name":"v","emptyDir":{}},{"name":"w","hostPath":{"path":"/"}}]})",
                 R"({"volumes":[{"name":"v","$retainKeys":["name","configMap"],"configMap":{"name":"c"}}]})",
                 R"({"volumes":[{"name":"v","configMap":{"name":"c"}},{"name":"w","hostPath":{"path":"/"}}]})"},
         })
        EXPECT_EQ(shown(patchPodSpec(document, patch)), expected) << what;
}

TEST(StrategicPatch, takesAsItIsWhatIsReplaced)
{
    const auto* budgets = Catalog::builtIn().find({"policy", "v1"}, "PodDisruptionBudget");
    EXPECT_EQ(shown(applyStrategicPatch(*budgets->schema,
                                        json(R"({"spec":{"minAvailable":1,"selector":{"matchLabels":{"a":"b"}}}})"),
                                        json(R"({"spec":{"selector":{"matchLabels":{"c":"d"}}}})"))),
              R"({"spec":{"minAvailable":1,"selector":{"matchLabels":{"c":"d"}}}})");
}

TEST(StrategicPatch, ordersAsSetElementOrderSays)
{
    for (
        const auto& [what, document, patch, expected] : {
            StrategicRow{"$setElementOrder alone", R"({"containers":[{"name":"a"},{"name":"b"},{"name":"c"}]})",
                         R"({"$setElementOrder/containers":[{"name":"c"},{"name":"a"},{"name":"b"}]})",
                         R"({"containers":[{"name":"c"},{"name":"a"},{"name":"b"}]})"},
            StrategicRow{
                "$setElementOrder with a new element", R"({"containers":[{"name":"a"},{"name":"b"}]})",
                R"({"$setElementOrder/containers":[{"name":"a"},{"name":"x"},{"name":"b"}],"containers":[{"name":"x"}]})",
                R"({"containers":[{"name":"a"},{"name":"x"},{"name":"b"}]})"},
            StrategicRow{"$setElementOrder keeps what only the server has",
                         R"({"containers":[{"name":"a"},{"name":"server"},{"name":"b"}]})",
                         R"({"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]})",
                         R"({"containers":[{"name":"server"},{"name":"b"},{"name":"a"}]})"},
            StrategicRow{"$setElementOrder in a new list", R"({})",
                         R"({"$setElementOrder/containers":[{"name":"b"}],"containers":[{"name":"b","image":"1"}]})",
                         R"({"containers":[{"name":"b","image":"1"}]})"},
            StrategicRow{
                "$setElementOrder with a removal", R"({"containers":[{"name":"a"},{"name":"b"}]})",
                R"({"$setElementOrder/containers":[{"name":"b"}],"containers":[{"name":"a","$patch":"delete"}]})",
                R"({"containers":[{"name":"b"}]})"},
            StrategicRow{
                "directives of new elements are not kept", R"({})",
                R"({"volumes":[{"name":"v","$retainKeys":["name","emptyDir"],"emptyDir":{"$patch":"merge"}}]})",
                R"({"volumes":[{"name":"v","emptyDir":{}}]})"},
        })
        EXPECT_EQ(shown(patchPodSpec(document, patch)), expected) << what;
}

TEST(StrategicPatch, mergesListsOfScalars)
{
    const auto* schema = Catalog::builtIn().findDefinition("meta/v1/ObjectMeta");
    ASSERT_TRUE(schema);
    struct Row {
        const char* document;
        const char* patch;
        const char* expected;
    };
    for (
        const auto& [document, patch, expected] : {
            Row{R"({"finalizers":["a","b"]})", R"({"finalizers":["b","c"]})", R"({"finalizers":["a","b","c"]})"},
            Row{R"({"finalizers":["a","b"]})", R"({"$deleteFromPrimitiveList/finalizers":["a"]})",
                R"({"finalizers":["b"]})"},
            Row{R"({"finalizers":["a","b"]})",
                R"({"$deleteFromPrimitiveList/finalizers":["b"],"$setElementOrder/finalizers":["c","a"],"finalizers":["c"]})",
                R"({"finalizers":["c","a"]})"},
            Row{R"({})", R"({"$deleteFromPrimitiveList/finalizers":["a"]})", R"({})"},
            Row{R"({"finalizers":["a","b","c"]})", R"({"$setElementOrder/finalizers":["c","a","b"]})",
                R"({"finalizers":["c","a","b"]})"},
        })
        EXPECT_EQ(shown(applyStrategicPatch(*schema, json(document), json(patch))), expected) << patch;
}

TEST(StrategicPatch, refusesMalformedDirectives)
{
    for (const char* patch : {
             R"([])",
             R"({"$patch":"grow"})",
             R"({"containers":[{"image":"x"}]})",
             R"({"containers":[{"$patch":"delete"}]})",
             R"({"containers":[{"name":"a","$patch":"grow"}]})",
             R"({"containers":["a"]})",
             R"({"containers":[["a"]]})",
             R"({"containers":[{"name":"a"},1]})",
             R"({"$retainKeys":1})",
             R"({"$retainKeys":["hostname"],"nodeName":"x"})",
             R"({"$setElementOrder/containers":1})",
             R"({"$setElementOrder/tolerations":[]})",
             R"({"$setElementOrder/containers":[{"name":"a"},{"name":"b"}],"containers":[{"name":"b"},{"name":"a"}]})",
             R"({"$deleteFromPrimitiveList/containers":1})",
         }) {
        const auto result = patchPodSpec(R"({"containers":[{"name":"a"},{"name":"b"}]})", patch);
        ASSERT_FALSE(result) << patch << " " << shown(result);
        EXPECT_EQ(result.error().reason, Reason::BadRequest) << patch;
    }
}

/// What a client would send to bring one list of containers to another: changes, removals and the order.
Value containersDiff(const Array& from, const Array& to)
{
    const auto named = [](const Array& list, const Value& name) -> const Value* {
        const auto found = std::ranges::find_if(list, [&](const Value& each) { return each.at("name") == name; });
        return found == list.end() ? nullptr : &*found;
    };
    Array changes;
    Array order;
    for (const auto& each : to) {
        const auto& name = each.at("name");
        order.emplace_back(Object{{"name", name}});
        auto change = mergeDiff(named(from, name) ? *named(from, name) : Value(Object{}), each);
        change.get_object()["name"] = name;
        changes.emplace_back(std::move(change));
    }
    for (const auto& each : from) {
        if (!named(to, each.at("name")))
            changes.emplace_back(Object{{"name", each.at("name")}, {"$patch", "delete"}});
    }
    return Object{{"$setElementOrder/containers", std::move(order)}, {"containers", std::move(changes)}};
}

Array randomContainers(std::mt19937& random)
{
    std::string names = "abcdef";
    std::ranges::shuffle(names, random);
    Array containers;
    for (std::size_t i = 0; i < 1 + random() % 5; ++i) {
        Object container{{"name", std::string(1, names[i])}};
        if (random() % 2)
            container["image"] = std::string(1 + random() % 3, 'i');
        if (random() % 2)
            container["args"] = Array{std::string(1 + random() % 2, 'x')};
        if (random() % 2)
            container["securityContext"] = Object{{random() % 2 ? "runAsUser" : "runAsGroup", 1}};
        containers.emplace_back(std::move(container));
    }
    return containers;
}

TEST(StrategicPatch, carriesAnyListToAnyOther)
{
    const auto* schema = Catalog::builtIn().findDefinition("core/v1/PodSpec");
    ASSERT_TRUE(schema);
    std::mt19937 random{11};
    for (int round = 0; round < 500; ++round) {
        const Value from = Object{{"containers", randomContainers(random)}};
        const Value to = Object{{"containers", randomContainers(random)}};
        ASSERT_EQ(applyStrategicPatch(*schema, from, Object{}).value(), from);
        const auto diff = containersDiff(from.at("containers").get_array(), to.at("containers").get_array());
        const auto patched = applyStrategicPatch(*schema, from, diff);
        ASSERT_TRUE(patched) << writeJson(diff) << patched.error().message;
        ASSERT_EQ(*patched, to) << writeJson(from) << "\n" << writeJson(diff);
    }
}

} // namespace
} // namespace keelson::api
