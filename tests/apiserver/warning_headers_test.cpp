// SPDX-License-Identifier: Apache-2.0
#include "apiserver/warning_headers.h"

#include <gmock/gmock.h>

namespace keelson::apiserver {
namespace {

using testing::ElementsAre;

std::string repeated(const std::string& text, std::size_t times)
{
    std::string all;
    for (std::size_t i = 0; i < times; ++i)
        all += text;
    return all;
}

TEST(WarningHeaders, tellEachTextOnceAndQuoted)
{
    EXPECT_THAT(warningHeaders({"old", "", "a \"b\\\"\r\n", "old"}),
                ElementsAre("299 - \"old\"", "299 - \"a \\\"b\\\\\\\"\""));
    const std::string full(warningsLengthMax - 3, 'x');
    EXPECT_THAT(warningHeaders({"old", full}), ElementsAre("299 - \"old\"", "299 - \"" + full + "\""));
}

TEST(WarningHeaders, areCutWhereAllAreTooLong)
{
    const std::string umlaut = "\xC3\xA4";
    EXPECT_THAT(warningHeaders({"old", repeated(umlaut, warningsLengthMax)}),
                ElementsAre("299 - \"old\"", "299 - \"" + repeated(umlaut, warningLengthMax) + "\""));
    std::vector<std::string> many;
    for (int i = 0; i < 1000; ++i)
        many.push_back("unknown field \"spec.field" + std::to_string(1000 + i) + "\"");
    const auto headers = warningHeaders(many);
    const auto length = many.front().size();
    EXPECT_EQ(headers.size(), (warningsLengthMax + length - 1) / length);
    EXPECT_EQ(headers.back(),
              "299 - \"unknown field \\\"spec.field" + std::to_string(1000 + headers.size() - 1) + "\\\"\"");
}

} // namespace
} // namespace keelson::apiserver
