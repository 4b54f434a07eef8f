// SPDX-License-Identifier: Apache-2.0
#include "fieldmanager/field_set.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

namespace keelson::fieldmanager {
namespace {

FieldSet set(std::string_view text)
{
    auto parsed = FieldSet::parse(text);
    EXPECT_TRUE(parsed) << text << ": " << parsed.error().message;
    return parsed ? *parsed : FieldSet{};
}

TEST(FieldSet, isReadAndWrittenAsFieldsV1)
{
    struct Row {
        const char* text;
        const char* written;
    };
    for (const auto& [text, written] : {
             Row{"{}", "{}"},
             Row{R"({"f:a":{}})", R"({"f:a":{}})"},
             Row{R"({"f:b":{},"f:a":{}})", R"({"f:a":{},"f:b":{}})"},
             Row{R"( { "f:a" : { "." : { } , "f:b" : { } } } )", R"({"f:a":{".":{},"f:b":{}}})"},
             Row{R"({"f:a":{"f:b":{},".":{}}})", R"({"f:a":{".":{},"f:b":{}}})"},
             Row{R"({"f:a":{".":{}}})", R"({"f:a":{}})"},
             Row{R"({"f:a":{"k:{\"protocol\":\"TCP\", \"port\":80}":{}}})",
                 R"({"f:a":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{}}})"},
             Row{R"({"f:a":{"v: \"x\"":{},"i:3":{}}})", R"({"f:a":{"i:3":{},"v:\"x\"":{}}})"},
             Row{R"({"f:a\nb\\":{}})", R"({"f:a\u000ab\\":{}})"},
         })
        EXPECT_EQ(set(text).text(), written) << text;
}

TEST(FieldSet, refusesWhatIsNoFieldsV1)
{
    std::string deep;
    for (int i = 0; i < 200; ++i)
        deep += R"({"f:a":)";
    for (const std::string& text :
         {std::string(""), std::string("[]"), std::string("{"), std::string(R"({"f:a":1})"), std::string(R"({"a":{}})"),
          std::string(R"({"f:a":{}}x)"), std::string(R"({"k:[]":{}})"), std::string(R"({"k:{":{}})"),
          std::string(R"({"v:{":{}})"), std::string(R"({"i:x":{}})"), std::string(R"({".":1})"),
          std::string(R"({"f:a":{},})"), std::string(R"({"f:\q":{}})"), deep}) {
        const auto parsed = FieldSet::parse(text);
        EXPECT_FALSE(parsed) << text;
        EXPECT_EQ(parsed ? Reason::Gone : parsed.error().reason, Reason::BadRequest) << text;
    }
}

TEST(FieldSet, isCombinedByMembers)
{
    struct Row {
        const char* one;
        const char* other;
        const char* united;
        const char* difference;
        const char* common;
    };
    for (const auto& [one, other, united, difference, common] : {
             Row{"{}", R"({"f:a":{}})", R"({"f:a":{}})", "{}", "{}"},
             Row{R"({"f:a":{},"f:b":{}})", R"({"f:b":{},"f:c":{}})", R"({"f:a":{},"f:b":{},"f:c":{}})", R"({"f:a":{}})",
                 R"({"f:b":{}})"},
             Row{R"({"f:a":{".":{},"f:b":{}}})", R"({"f:a":{}})", R"({"f:a":{".":{},"f:b":{}}})",
                 R"({"f:a":{"f:b":{}}})", R"({"f:a":{}})"},
             Row{R"({"f:a":{"f:b":{}}})", R"({"f:a":{}})", R"({"f:a":{".":{},"f:b":{}}})", R"({"f:a":{"f:b":{}}})",
                 "{}"},
         }) {
        auto result = set(one);
        result.unite(set(other));
        EXPECT_EQ(result.text(), united);
        result = set(one);
        result.subtract(set(other));
        EXPECT_EQ(result.text(), difference);
        result = set(one);
        result.intersect(set(other));
        EXPECT_EQ(result.text(), common);
    }
}

TEST(FieldSet, namesItsMembersAsPaths)
{
    const auto fields = set(R"({"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{}}}},
                                "f:x":{"v:\"a\"":{},"i:2":{}}})");
    EXPECT_EQ(fmt::format("{}", fmt::join(fields.paths(), " ")),
              R"(.spec.ports[port=80,protocol="TCP"] .spec.ports[port=80,protocol="TCP"].name .x[2] .x[="a"])");
}

} // namespace
} // namespace keelson::fieldmanager
