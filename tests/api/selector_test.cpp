// SPDX-License-Identifier: Apache-2.0
#include "api/selector.h"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace keelson::api {
namespace {

TEST(LabelSelector, readsAndWrites)
{
    struct Row {
        const char* text;
        const char* expected; // Beginning with "! " when refused.
    };
    for (const auto& [text, expected] : {
             Row{"", ""},
             Row{"   ", ""},
             Row{"app=web", "app=web"},
             Row{" app == web ", "app=web"},
             Row{"app!=web", "app!=web"},
             Row{"tier in (b, a,b)", "tier in (a,b)"},
             Row{"tier in (a)", "tier=a"},
             Row{"tier notin (a,b),app", "app,tier notin (a,b)"},
             Row{"!old,example.com/a=b", "example.com/a=b,!old"},
             Row{"x=", "x="},
             Row{"x=,y", "x=,y"},
             Row{"x in (,a)", "x in (,a)"},
             Row{"in in (in)", "in=in"},
             Row{"n>5,m<7", "m<7,n>5"},
             Row{"x in ()",
                 "! unable to parse requirement: values: Invalid value: []: for 'in', 'notin' operators, values set "
                 "can't be empty"},
             Row{"x,", "! unable to parse requirement: found '' at position 2, expected: identifier after ','"},
             Row{",x",
                 "! unable to parse requirement: found ',' at position 0, expected: !, identifier, or 'end of string'"},
             Row{"x y",
                 "! unable to parse requirement: found 'y' at position 2, expected: in, notin, =, ==, !=, gt, lt"},
             Row{"x=a b", "! unable to parse requirement: found 'b' at position 4, expected: ',' or 'end of string'"},
             Row{"x in (a", "! unable to parse requirement: found '' at position 7, expected: ',' or ')'"},
             Row{"x in a", "! unable to parse requirement: found 'a' at position 5, expected: '('"},
             Row{"x===a", "! unable to parse requirement: found '=' at position 3, expected: identifier"},
             Row{"!x=a", "! unable to parse requirement: found '=' at position 2, expected: ',' or 'end of string'"},
             Row{"n>x", "! unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the "
                        "value must "
                        "be an integer"},
         }) {
        const auto selector = LabelSelector::parse(text);
        EXPECT_EQ(selector ? selector->text() : "! " + selector.error().message, expected) << text;
        if (!selector)
            EXPECT_EQ(selector.error().reason, Reason::BadRequest);
    }
    for (const char* text : {"-x=a", "x=-a", "Example.com/a=b", "a/b/c", "/x", "x/", "a..b/c", "a-.b/c",
                             "x=aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg"})
        EXPECT_FALSE(LabelSelector::parse(text)) << text;
}

TEST(LabelSelector, matches)
{
    const Labels labels{{"app", "web"}, {"tier", "a"}, {"n", "7"}, {"empty", ""}};
    const auto document = boost::json::parse(R"({"app":"web","tier":"a","n":"7","empty":""})");
    struct Row {
        const char* text;
        bool expected;
    };
    for (const auto& [text, expected] : {
             Row{"", true},
             Row{"app=web", true},
             Row{"app=db", false},
             Row{"app!=db", true},
             Row{"none!=db", true},
             Row{"none notin (db)", true},
             Row{"app notin (web)", false},
             Row{"app in (db,web)", true},
             Row{"none in (a)", false},
             Row{"app", true},
             Row{"none", false},
             Row{"!app", false},
             Row{"!none", true},
             Row{"empty=", true},
             Row{"none=", false},
             Row{"n>6", true},
             Row{"n>7", false},
             Row{"n<8", true},
             Row{"app>1", false},
             Row{"app=web,tier=b", false},
         }) {
        const auto selector = LabelSelector::parse(text).value();
        EXPECT_EQ(selector.matches(labels), expected) << text;
        EXPECT_EQ(selector.matches(&document), expected) << text;
    }
    EXPECT_TRUE(LabelSelector{}.matches(static_cast<const Value*>(nullptr)));
    EXPECT_FALSE(LabelSelector::parse("app").value().matches(static_cast<const Value*>(nullptr)));
}

TEST(LabelSelector, isReadFromAnObject)
{
    const auto read = [](const char* text) {
        const auto selector = LabelSelector::fromObject(boost::json::parse(text));
        return selector ? selector->text() : "! " + selector.error().message;
    };
    EXPECT_EQ(read("null"), "");
    EXPECT_EQ(
        read(R"({"matchLabels":{"b":"1","a":"2"},"matchExpressions":[{"key":"c","operator":"NotIn","values":["y","x"]},
                   {"key":"d","operator":"Exists"},{"key":"e","operator":"DoesNotExist"}]})"),
        "a=2,b=1,c notin (x,y),d,!e");
    EXPECT_EQ(read(R"({"matchExpressions":[{"key":"c","operator":"Near"}]})"),
              "! \"Near\" is not a valid label selector operator");
    EXPECT_NE(read(R"({"matchExpressions":[{"key":"c","operator":"In"}]})").find("can't be empty"), std::string::npos);
    EXPECT_EQ(LabelSelector::fromLabels({{"a", "b"}, {"c", "d"}}).text(), "a=b,c=d");
}

TEST(FieldSelector, readsAndMatches)
{
    const auto pod =
        boost::json::parse(R"({"metadata":{"name":"a=b,c"},"spec":{"nodeName":"n1","hostNetwork":true,"n":5}})");
    struct Row {
        const char* text;
        bool expected;
    };
    for (const auto& [text, expected] : {
             Row{"", true},
             Row{"spec.nodeName=n1", true},
             Row{"spec.nodeName==n1", true},
             Row{"spec.nodeName!=n1", false},
             Row{"spec.nodeName=n1,spec.n=5", true},
             Row{"spec.nodeName=n1,spec.n=6", false},
             Row{"spec.hostNetwork=true", true},
             Row{"status.phase=", true},
             Row{"status.phase!=Failed", true},
             Row{R"(metadata.name=a\=b\,c)", true},
             Row{"spec=", true},
         }) {
        const auto selector = FieldSelector::parse(text);
        ASSERT_TRUE(selector) << text << ": " << selector.error().message;
        EXPECT_EQ(selector->matches(pod), expected) << text;
    }
    for (const char* text : {"x", "=a", "a!b", "a=b=c", R"(a=\x)", R"(a=b\)"})
        EXPECT_FALSE(FieldSelector::parse(text)) << text;
}

} // namespace
} // namespace keelson::api
