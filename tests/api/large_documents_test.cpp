// SPDX-License-Identifier: Apache-2.0
#include "api/catalog.h"
#include "api/patch.h"
#include "api/schema.h"
#include "api/strict_fields.h"
#include "api/validation.h"
#include "support/processor_time.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <functional>

namespace keelson::api {
namespace {

/// As many small members as the largest body holds some of. What takes quadratic time takes minutes with them.
constexpr int many = 50'000;

/// "0","1", ...: `form` with each number, joined.
std::string repeated(const char* form, int count = many)
{
    std::string text;
    for (int i = 0; i < count; ++i)
        text += (i == 0 ? "" : ",") + fmt::format(fmt::runtime(form), i);
    return text;
}

std::string object(const std::string& members)
{
    return "{" + members + "}";
}

Value read(const std::string& json)
{
    return parseJson(json).value();
}

void patchStrategically(const char* schema, const std::string& document, const std::string& patch)
{
    const auto result = applyStrategicPatch(*Catalog::builtIn().findDefinition(schema), read(document), read(patch));
    EXPECT_TRUE(result) << result.error().message;
}

using Row = std::pair<const char*, std::function<void()>>;

void expectShort(std::initializer_list<Row> rows)
{
    for (const auto& [what, work] : rows) {
        const auto before = processorSeconds();
        ASSERT_NO_THROW(work()) << what;
        EXPECT_LT(processorSeconds() - before, processorSecondsMax) << what;
    }
}

TEST(LargeDocuments, takeTimeByTheirLength)
{
    const auto& configMap = *Catalog::builtIn().find({"", "v1"}, "ConfigMap");
    const auto numbered = object(repeated(R"("k{}":"")"));
    expectShort({
        {"many keys",
         [&] {
             std::vector<std::string> duplicates;
             EXPECT_TRUE(parseJson(numbered, &duplicates));
             EXPECT_TRUE(parseYaml(numbered, &duplicates));
         }},
        {"many keys twice",
         [&] {
             std::vector<std::string> duplicates;
             EXPECT_TRUE(parseJson(object(repeated(R"("k{0}":1,"k{0}":2)")), &duplicates));
         }},
        {"one key again and again",
         [&] {
             std::vector<std::string> duplicates;
             const std::string longKey(std::size_t{1} << 18, 'k');
             EXPECT_TRUE(parseJson(object("\"" + longKey + "\":" + object(repeated(R"("a":{})"))), &duplicates));
             EXPECT_EQ(duplicates.size(), 1U);
         }},
        {"many merge keys of YAML", [&] { EXPECT_TRUE(parseYaml("a: &a {b: 1}\nc: {" + repeated("<<: *a") + "}\n")); }},
        {"unknown fields",
         [&] {
             auto value = read(numbered);
             EXPECT_FALSE(prune(configMap, value).empty());
             EXPECT_EQ(writeJson(value), "{}");
         }},
        {"a set is valid",
         [&] {
             auto metadata =
                 read(R"({"name":"x","namespace":"default","finalizers":[)" + repeated(R"("a.b/f{}")") + "]}");
             const auto causes = validateWrite(configMap, Object{{"metadata", std::move(metadata)}}, nullptr);
             EXPECT_THAT(causes, testing::IsEmpty());
         }},
        {"a merge patch takes all away",
         [&] { EXPECT_EQ(applyMergePatch(read(numbered), read(object(repeated(R"("k{}":null)")))), Value(Object{})); }},
        {"a JSON patch takes much away",
         [&] {
             const auto patch = "[" + repeated(R"({{"op":"remove","path":"/k{}"}})", 10'000) + "]";
             EXPECT_TRUE(applyJsonPatch(read(numbered), read(patch)));
         }},
        {"a JSON patch moves to and fro",
         [&] {
             const auto patch =
                 "[" +
                 repeated(R"({{"op":"move","from":"/a","path":"/b"}},{{"op":"move","from":"/b","path":"/a"}})", 5'000) +
                 "]";
             EXPECT_TRUE(applyJsonPatch(Object{{"a", read(numbered)}}, read(patch)));
         }},
    });
}

TEST(LargeDocuments, areMergedInTimeByTheirLength)
{
    const auto numbered = object(repeated(R"("k{}":"")"));
    const auto finalizers = R"({"finalizers":[)" + repeated(R"("f{}")") + "]}";
    const auto hosts = R"({"hostAliases":[)" + repeated(R"({{"ip":"i{}"}})") + "]}";
    expectShort({
        {"scalars united", [&] { patchStrategically("meta/v1/ObjectMeta", finalizers, finalizers); }},
        {"scalars taken away",
         [&] {
             patchStrategically("meta/v1/ObjectMeta", finalizers,
                                R"({"$deleteFromPrimitiveList/finalizers":[)" + repeated(R"("f{}")") + "]}");
         }},
        {"objects merged by key", [&] { patchStrategically("core/v1/PodSpec", hosts, hosts); }},
        {"objects deleted by key",
         [&] {
             patchStrategically("core/v1/PodSpec", hosts,
                                R"({"hostAliases":[)" + repeated(R"({{"ip":"i{}","$patch":"delete"}})") + "]}");
         }},
        {"objects in an order",
         [&] {
             patchStrategically("core/v1/PodSpec", hosts,
                                R"({"$setElementOrder/hostAliases":[)" + repeated(R"({{"ip":"i{}"}})") + "]}");
         }},
        {"keys retained",
         [&] {
             patchStrategically("core/v1/ConfigMap", object("\"data\":" + numbered),
                                R"({"data":{"$retainKeys":[)" + repeated(R"("k{}")") + "]}}");
         }},
    });
}

TEST(LargeDocuments, nameFewOfTheFieldsThatStrictReadersRefuse)
{
    const std::string longKey(std::size_t{1} << 18, 'k');
    const auto few = testing::AllOf(testing::SizeIs(strictFieldsMax),
                                    testing::Each(testing::SizeIs(testing::Le(strictPathBytesMax))));
    std::vector<std::string> duplicates;
    ASSERT_TRUE(parseJson(object("\"" + longKey + "\":" + object(repeated(R"("{0}":1,"{0}":1)"))), &duplicates));
    EXPECT_THAT(duplicates, few);

    duplicates.clear();
    const auto lines = "? " + longKey + "\n: {" + repeated("{0}: 1, {0}: 1", 1000) + "}\n";
    ASSERT_TRUE(parseYaml(lines, &duplicates));
    EXPECT_THAT(duplicates, few);

    const auto& definition = *Catalog::builtIn().find({"apiextensions.k8s.io", "v1"}, "CustomResourceDefinition");
    auto document = read(R"({"spec":{"versions":[{"schema":{"openAPIV3Schema":{"properties":{")" + longKey +
                         "\":" + object(repeated(R"("x{}":1)")) + "}}}}]}}");
    EXPECT_THAT(prune(definition, document), few);
}

TEST(LargeDocuments, doNotGrowByDefaults)
{
    const auto& pods = *Catalog::builtIn().find({"", "v1"}, "Pod");
    auto few = read(R"({"spec":{"containers":[)" + repeated("{{}}", 1'000) + "]}}");
    EXPECT_TRUE(applyDefaults(pods, few));
    auto empty = read(R"({"spec":{"containers":[)" + repeated("{{}}") + "]}}");
    EXPECT_FALSE(applyDefaults(pods, empty));
    EXPECT_LT(writeJson(empty).size(), std::size_t{4} * 1024 * 1024);
}

TEST(LargeDocuments, doNotGrowByAliases)
{
    const std::string text(std::size_t{1} << 20, 'x');
    constexpr int anchors = 90;
    std::string opened; // Each anchor keeps a copy.
    for (int i = 0; i < anchors; ++i)
        opened += fmt::format("&a{} [", i);
    const std::pair<std::string, std::string> rows[] = {
        {"a: &a " + text + "\nb: [*a, *a, *a, *a]\n", "the document's aliases copy more than 3145728 bytes"},
        {"a: &a {? " + text + " : 1}\nb: [*a, *a, *a]\n", "the document's aliases copy more than 3145728 bytes"},
        {opened + repeated("{}") + std::string(anchors, ']'), "the document has more than 500000 values"},
    };
    for (const auto& [document, message] : rows) {
        const auto value = parseYaml(document);
        ASSERT_FALSE(value.has_value()) << message;
        EXPECT_THAT(value.error().message, testing::HasSubstr(message));
    }
    EXPECT_TRUE(parseYaml("a: &a " + text + "\nb: *a\n"));
}

} // namespace
} // namespace keelson::api
