// SPDX-License-Identifier: Apache-2.0
#include "api/catalog.h"
#include "api/schema.h"
#include "support/tree.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>

namespace keelson::api {
namespace {

/// The type of a field in the words of the table.
std::string typeText(const Schema& schema)
{
    switch (schema.type) {
    case SchemaType::Object:
        return schema.name;
    case SchemaType::Map:
        return "map of " + typeText(*schema.items);
    case SchemaType::Array:
        return "list of " + typeText(*schema.items);
    case SchemaType::String:
        return "text";
    case SchemaType::Integer:
        return schema.format;
    case SchemaType::Number:
        return "real";
    case SchemaType::Boolean:
        return "flag";
    case SchemaType::IntOrString:
        return "int-or-text";
    case SchemaType::Quantity:
        return "quantity";
    case SchemaType::Time:
        return "time";
    case SchemaType::MicroTime:
        return "micro-time";
    case SchemaType::Duration:
        return "duration";
    case SchemaType::Bytes:
        return "bytes";
    case SchemaType::Any:
        return "any";
    }
    return "";
}

std::string markersOf(const Field& field)
{
    std::string text;
    const auto add = [&](const std::string& word) { text += (text.empty() ? "" : " ") + word; };
    const auto& schema = *field.schema;
    if (field.optional)
        add("optional");
    if (field.always)
        add("always");
    if (schema.listType != ListType::Unset)
        add(schema.listType == ListType::Atomic ? "list=atomic"
            : schema.listType == ListType::Set  ? "list=set"
                                                : "list=map");
    if (!schema.listMapKeys.empty())
        add(fmt::format("keys={}", fmt::join(schema.listMapKeys, ",")));
    if (!schema.patchMergeKey.empty())
        add("merge=" + schema.patchMergeKey);
    if (schema.patchMerge || schema.patchRetainKeys)
        add(!schema.patchRetainKeys ? "strategy=merge"
            : schema.patchMerge     ? "strategy=merge,retainKeys"
                                    : "strategy=retainKeys");
    return text;
}

/// "name <tab> number <tab> type <tab> markers"; the number with those of the inlined parts before it.
std::string rowOf(const Field& field)
{
    std::string number;
    for (const auto part : field.protoPath)
        number += fmt::format("{}.", part);
    auto row = fmt::format("{}\t{}{}\t{}\t{}", field.name, number, field.protoNumber, typeText(*field.schema),
                           markersOf(field));
    row.erase(row.find_last_not_of('\t') + 1);
    return row;
}

/// tests/golden/catalog.tsv holds each field of the Kubernetes 1.32 API that the catalog's definitions have there, with
/// its number on the wire, its type and what merges need to know.
TEST(CatalogFacts, areThoseOfKubernetes)
{
    std::map<std::string, std::set<std::string>> facts;
    std::ifstream file(support::sourceFolder() + "/tests/golden/catalog.tsv");
    std::string line;
    std::getline(file, line); // The head.
    while (std::getline(file, line))
        facts[line.substr(0, line.find('\t'))].insert(line.substr(line.find('\t') + 1));
    EXPECT_GT(facts.size(), 300U);

    for (const auto& [name, expected] : facts) {
        const auto* schema = Catalog::builtIn().findDefinition(name);
        ASSERT_NE(schema, nullptr) << name;
        std::set<std::string> fields;
        for (const auto& field : schema->fields)
            if (!schema->envelope || (field.name != "apiVersion" && field.name != "kind"))
                fields.insert(rowOf(field));
        for (const auto& row : expected)
            EXPECT_TRUE(fields.contains(row)) << name << " lacks " << row;
        for (const auto& row : fields)
            EXPECT_TRUE(expected.contains(row)) << name << " has " << row;
    }
    for (const auto& [name, schema] : Catalog::builtIn().definitions())
        if (schema->type == SchemaType::Object && !schema->fields.empty() && !name.ends_with("List"))
            EXPECT_TRUE(facts.contains(name)) << name;
}

} // namespace
} // namespace keelson::api
