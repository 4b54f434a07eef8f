// SPDX-License-Identifier: Apache-2.0
#include "api/json_text.h"
#include "api/value.h"

#include <gtest/gtest.h>

namespace keelson::api {
namespace {

TEST(JsonText, findsManagedFieldsAndLeavesThemOut)
{
    struct Row {
        const char* object;
        const char* fields;
        const char* rest;
    };
    for (const auto& [object, fields, rest] : {
             Row{R"({})", "", R"({})"},
             Row{R"({"metadata":{"name":"a"}})", "", R"({"metadata":{"name":"a"}})"},
             Row{R"({"metadata":{"name":"a","managedFields":[{"x":"]}"}]},"data":{}})", R"([{"x":"]}"}])",
                 R"({"metadata":{"name":"a"},"data":{}})"},
             Row{R"({"metadata":{"managedFields":[],"name":"a"}})", "[]", R"({"metadata":{"name":"a"}})"},
             Row{R"({"metadata":{"managedFields":[]}})", "[]", R"({"metadata":{}})"},
             Row{R"({"a":{"managedFields":[1]},"metadata":{"b":"\"managedFields\":[2]","c":[{}]}})", "",
                 R"({"a":{"managedFields":[1]},"metadata":{"b":"\"managedFields\":[2]","c":[{}]}})"},
             Row{R"({"metadata":null})", "", R"({"metadata":null})"},
             Row{"[1]", "", "[1]"},
             Row{R"({"metadata":{"managedFields":[)", "", R"({"metadata":{"managedFields":[)"},
             Row{R"({"metadata":{"a\\":"\\","managedFields":[1]}})", "[1]", R"({"metadata":{"a\\":"\\"}})"},
         }) {
        EXPECT_EQ(managedFieldsIn(object), fields) << object;
        EXPECT_EQ(withoutManagedFields(object), rest) << object;
    }
}

TEST(JsonText, writesStringsThatAParserReads)
{
    for (const std::string text : {"", "plain", "\"quoted\"", "back\\slash", "line\nbreak\t", "\x01", "größe"}) {
        std::string out;
        appendJsonString(out, text);
        EXPECT_EQ(parseJson(out).value(), Value(text)) << out;
    }
}

} // namespace
} // namespace keelson::api
