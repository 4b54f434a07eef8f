// SPDX-License-Identifier: Apache-2.0
#include "api/quantity.h"

#include <gtest/gtest.h>

namespace keelson::api {
namespace {

TEST(Quantity, hasOneCanonicalText)
{
    struct Row {
        const char* text;
        const char* expected;
        std::int64_t units;
        std::int64_t milli;
    };
    for (const auto& [text, expected, units, milli] : {
             Row{"0", "0", 0, 0},
             Row{"-0", "0", 0, 0},
             Row{"0Ki", "0", 0, 0},
             Row{"1", "1", 1, 1000},
             Row{"+1", "1", 1, 1000},
             Row{"007", "7", 7, 7000},
             Row{".5", "500m", 1, 500},
             Row{"5.", "5", 5, 5000},
             Row{"500m", "500m", 1, 500},
             Row{"1500m", "1500m", 2, 1500},
             Row{"1000m", "1", 1, 1000},
             Row{"-1500m", "-1500m", -2, -1500},
             Row{"0.5m", "500u", 1, 1},
             Row{"1u", "1u", 1, 1},
             Row{"1n", "1n", 1, 1},
             Row{"0.1n", "1n", 1, 1},
             Row{"-0.1n", "-1n", -1, -1},
             Row{"1.0000000001", "1000000001n", 2, 1001},
             Row{"1000", "1k", 1000, 1000000},
             Row{"1024", "1024", 1024, 1024000},
             Row{"100000", "100k", 100000, 100000000},
             Row{"12500", "12500", 12500, 12500000},
             Row{"1Ki", "1Ki", 1024, 1024000},
             Row{"1.5Ki", "1536", 1536, 1536000},
             Row{"1.5Gi", "1536Mi", 1610612736, 1610612736000},
             Row{"0.5Gi", "512Mi", 536870912, 536870912000},
             Row{"1000Ki", "1000Ki", 1024000, 1024000000},
             Row{"2048Mi", "2Gi", 2147483648, 2147483648000},
             Row{"0.5Ki", "512", 512, 512000},
             Row{"0.0001Ki", "102400u", 1, 103},
             Row{"12.345Mi", "12944670720m", 12944671, 12944670720},
             Row{"1e3", "1e3", 1000, 1000000},
             Row{"1E3", "1e3", 1000, 1000000},
             Row{"1e2", "100", 100, 100000},
             Row{"1e-3", "1e-3", 1, 1},
             Row{"1E", "1E", 1000000000000000000, 9223372036854775807},
             Row{"1P", "1P", 1000000000000000, 1000000000000000000},
             Row{"1Ei", "1Ei", 1152921504606846976, 9223372036854775807},
             Row{"10E", "10E", 9223372036854775807, 9223372036854775807},
             Row{"99999999999999999999999999999999999999999999", "9223372036854775807", 9223372036854775807,
                 9223372036854775807},
         }) {
        const auto quantity = Quantity::parse(text);
        ASSERT_TRUE(quantity) << text << ": " << quantity.error().message;
        EXPECT_EQ(quantity->text(), expected) << text;
        EXPECT_EQ(quantity->units(), units) << text;
        EXPECT_EQ(quantity->milli(), milli) << text;
        const auto again = Quantity::parse(quantity->text());
        ASSERT_TRUE(again) << text;
        EXPECT_EQ(*again, *quantity) << text;
    }
}

TEST(Quantity, refusesWhatIsNone)
{
    const char* format = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    const char* suffix = "unable to parse quantity's suffix";
    struct Row {
        const char* text;
        const char* expected;
    };
    for (const auto& [text, expected] : {
             Row{"", format},      Row{"-", format},       Row{".", format},     Row{"aoeu", format},
             Row{"1.1.M", format}, Row{"1+1.0M", format},  Row{" 1", format},    Row{"1 ", format},
             Row{"1Mi ", format},  Row{"0.1am", format},   Row{"0.1mi", suffix}, Row{".5i", suffix},
             Row{"1i", suffix},    Row{"-3.01e-", suffix}, Row{"1e", suffix},    Row{"1ki", suffix},
             Row{"1K", suffix},    Row{"1m5", suffix},     Row{"1,5", format},
         }) {
        const auto quantity = Quantity::parse(text);
        ASSERT_FALSE(quantity) << text;
        EXPECT_EQ(quantity.error().message, expected) << text;
        EXPECT_EQ(quantity.error().reason, Reason::Invalid);
    }
}

TEST(Quantity, addsAndCompares)
{
    const auto read = [](const char* text) { return Quantity::parse(text).value(); };
    EXPECT_EQ((read("500m") + read("1")).text(), "1500m");
    EXPECT_EQ((read("0") + read("1Gi")).text(), "1Gi");
    EXPECT_EQ((read("1Gi") + read("1G")).text(), "2073741824");
    EXPECT_EQ((read("1Gi") - read("1Mi")).text(), "1023Mi");
    EXPECT_EQ((read("1") - read("1500m")).text(), "-500m");
    EXPECT_LT(read("999m"), read("1"));
    EXPECT_EQ(read("1000m"), read("1"));
    EXPECT_GT(read("1Gi"), read("1G"));
    EXPECT_EQ(Quantity::fromUnits(2048, Quantity::Format::BinarySI).text(), "2Ki");
    EXPECT_EQ(Quantity::fromMilli(250).text(), "250m");
    EXPECT_TRUE(read("-1").isNegative());
}

} // namespace
} // namespace keelson::api
