// SPDX-License-Identifier: Apache-2.0
#include "api/value.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace keelson::api {
namespace {

TEST(Json, isReadAndWritten)
{
    const auto text = R"({"a":1,"b":[true,null,"x"],"c":{"d":-5}})";
    EXPECT_EQ(writeJson(parseJson(text).value()), text);
}

TEST(Json, refusesWhatIsMalformedWithItsPlace)
{
    struct Row {
        std::string text;
        std::string message;
    };
    for (const auto& [text, message] : {
             Row{"{\"a\":1,\n \"b\":}", "line 2"},
             Row{"{\"a\":1} x", "extra data"},
             Row{"{\"a\":", "incomplete"},
             Row{"", "incomplete"},
             Row{"\"\xff\"", "invalid"},
             Row{std::string(200, '['), "too deep"},
             Row{"{\"a\":1e400}", "line 1, column 11: exponent overflow"},
         }) {
        for (const bool strict : {false, true}) {
            std::vector<std::string> duplicates;
            const auto value = parseJson(text, strict ? &duplicates : nullptr);
            ASSERT_FALSE(value.has_value()) << text;
            EXPECT_EQ(value.error().reason, Reason::BadRequest);
            EXPECT_NE(value.error().message.find(message), std::string::npos) << value.error().message;
        }
    }
}

TEST(Json, readsNumbersToTheLastBit)
{
    for (const auto* const text :
         {"0.1", "-0.3", "1.000006E34", "0.000E010015", "1e-400", "5e-324", "123456789.123456789e-5",
          "1.7976931348623157e308", "9007199254740993.0", "0.000000000000000000000000001e30"}) {
        std::vector<std::string> duplicates;
        for (auto* const strict : {static_cast<std::vector<std::string>*>(nullptr), &duplicates}) {
            const auto value = parseJson(text, strict).value();
            EXPECT_EQ(value.get_double(), std::strtod(text, nullptr)) << text;
            EXPECT_EQ(parseJson(writeJson(value)).value(), value) << text;
        }
    }
}

TEST(Json, refusesWhatIsTooLarge)
{
    const auto value = parseJson("\"" + std::string(documentBytesMax, 'a') + "\"");
    EXPECT_EQ(value.error().message, "the document of 3145730 bytes is larger than 3145728 bytes");
}

TEST(Json, namesMembersThatOccurTwice)
{
    std::vector<std::string> duplicates;
    const auto value = parseJson(R"({"a":1,"b":[{"c":1},{"c":1,"d":{"e":1,"e":2}}],"a":2})", &duplicates);
    EXPECT_EQ(writeJson(value.value()), R"({"a":2,"b":[{"c":1},{"c":1,"d":{"e":2}}]})");
    EXPECT_EQ(duplicates, (std::vector<std::string>{"b[1].d.e", "a"}));
}

TEST(Yaml, readsScalarsAsYaml11)
{
    const std::pair<std::string, std::string> rows[] = {
        {"1", "1"},
        {"-7", "-7"},
        {"+3", "3"},
        {"0644", "420"},
        {"0x1F", "31"},
        {"0o17", "15"},
        {"1_000", "1000"},
        {"1.5", "1.5E0"},
        {"1e3", "1000"},
        {"yes", "true"},
        {"Off", "false"},
        {"n", "false"},
        {"~", "null"},
        {"", "null"},
        {"Null", "null"},
        {"1.2.3", "\"1.2.3\""},
        {"500m", "\"500m\""},
        {"\"1\"", "\"1\""},
        {"'yes'", "\"yes\""},
        {"12:30", "\"12:30\""},
        {"2026-01-31", "\"2026-01-31\""},
        {"!!str 1", "\"1\""},
        {"truely", "\"truely\""},
        {"18446744073709551615", "18446744073709551615"},
        {"-9223372036854775808", "-9223372036854775808"},
    };
    for (const auto& [text, json] : rows)
        EXPECT_EQ(writeJson(parseYaml("a: " + text).value()), "{\"a\":" + json + "}") << text;
}

TEST(Yaml, readsDocuments)
{
    const std::pair<std::string, std::string> rows[] = {
        {"a:\n- b: 1\n  c: x\n- d", R"({"a":[{"b":1,"c":"x"},"d"]})"},
        {"{\"a\": [1, 2]}", R"({"a":[1,2]})"},
        {"# nothing", "null"},
        {"a: |\n  x\n  y\nb: >\n  x\n  y\n", R"({"a":"x\ny\n","b":"x y\n"})"},
        {"base: &b {x: 1, z: 2}\nuse:\n  <<: *b\n  z: 3\n", R"({"base":{"x":1,"z":2},"use":{"z":3,"x":1}})"},
        {"1: a\ntrue: b", R"({"1":"a","true":"b"})"},
        {"---\na: 1\n---\n", R"({"a":1})"},
    };
    for (const auto& [text, json] : rows)
        EXPECT_EQ(writeJson(parseYaml(text).value_or(Value("error"))), json) << text;
}

TEST(Yaml, refusesWhatIsMalformedOrOverLimits)
{
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int level = 1; level < 9; ++level)
        bomb += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", level,
                            level - 1);
    const std::pair<std::string, std::string> rows[] = {
        {"a: [1, 2", "invalid YAML at line"},
        {"a: b: c", "invalid YAML at line 1"},
        {"a: 1\nb: \"it\n", "invalid YAML at line 2, column 4: the quote that opens here is never closed"},
        {"a: &x !!str 'it\n", "invalid YAML at line 1, column 4: the quote that opens here is never closed"},
        {R"({"a": "b)", "illegal EOF in scalar"},
        {"a: *nobody", "invalid YAML at line 1"},
        {"a: 1\n---\nb: 2", "at line 3, column 1: one document is wanted, and more than one was given"},
        {"{a: 1},", "more than one"},
        {"{a: 1}\n# b\n---\n,", "more than one"},
        {"[a]\n...\n---\n[", "invalid YAML at line 4"},
        {std::string(150, '[') + std::string(150, ']'), "deeper than 100"},
        {bomb, "more than 500000 values"},
        {"a: \"\xff\"", "not UTF-8 at byte 4"},
        {std::string("a\0N: b", 6), "control characters are not allowed (byte 1)"},
        {"a: b\x7f", "control characters are not allowed (byte 4)"},
        {"a: \x1b[1m", "control characters are not allowed (byte 3)"},
    };
    for (const auto& [text, message] : rows) {
        const auto value = parseYaml(text);
        ASSERT_FALSE(value.has_value()) << text;
        EXPECT_NE(value.error().message.find(message), std::string::npos) << value.error().message;
    }
}

TEST(Yaml, namesMembersThatOccurTwice)
{
    std::vector<std::string> duplicates;
    ASSERT_TRUE(parseYaml("a: 1\nb:\n- c: 1\n- c: 1\n  c: 2\na: 2\n", &duplicates).has_value());
    EXPECT_EQ(duplicates, (std::vector<std::string>{"b[1].c", "a"}));
}

TEST(Yaml, writesBlockStyleThatIsReadBack)
{
    const auto text = "apiVersion: v1\n"
                      "data:\n"
                      "  config: |\n"
                      "    one\n"
                      "    two\n"
                      "  empty: \"\"\n"
                      "  number: \"1\"\n"
                      "  word: \"yes\"\n"
                      "list:\n"
                      "- name: a\n"
                      "  ports:\n"
                      "  - 80\n"
                      "- - x\n"
                      "none: {}\n"
                      "time: 2026-01-31T12:00:00Z\n"
                      "weird: \": #\"\n";
    EXPECT_EQ(writeYaml(parseYaml(text).value()), text);
    const auto hard =
        parseJson(R"({"a":"\u0001","b":" x","c":"x\n\ny","d":"*a","e":"a: b","f":"-1","g":"- x","h":"a #b",)"
                  R"("i":"\ttab\nx","j":"x\n\n","k":"\"q\"","l":"ends \nx","m":"null","-":"~","n":0.5,"o":"a:"})");
    EXPECT_EQ(writeJson(parseYaml(writeYaml(hard.value())).value()), writeJson(hard.value()))
        << writeYaml(hard.value());
}

TEST(Path, findsAndMakes)
{
    auto value = parseJson(R"({"spec":{"replicas":3,"paused":true,"name":"x"}})").value();
    EXPECT_EQ(integerAt(value, {"spec", "replicas"}), 3);
    EXPECT_EQ(integerAt(value, {"spec", "name"}, 7), 7);
    EXPECT_TRUE(boolAt(value, {"spec", "paused"}));
    EXPECT_EQ(stringAt(value, {"spec", "name"}), "x");
    EXPECT_EQ(stringAt(value, {"spec", "name", "deeper"}), "");
    EXPECT_EQ(find(value, {"status"}), nullptr);
    objectAt(value, {"metadata", "labels"})["a"] = "b";
    EXPECT_EQ(stringAt(value, {"metadata", "labels", "a"}), "b");
}

} // namespace
} // namespace keelson::api
