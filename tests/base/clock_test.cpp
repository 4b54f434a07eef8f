// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "base/rfc3339.h"

#include <gtest/gtest.h>

namespace keelson {
namespace {

TEST(Time, isReadAndWrittenAsRfc3339)
{
    struct Row {
        const char* text;
        const char* expected; // empty: refused
    };
    for (const auto& [text, expected] : {
             Row{"2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000000Z"},
             Row{"2026-01-31T12:00:00.5Z", "2026-01-31T12:00:00.500000Z"},
             Row{"2026-01-31T12:00:00.123456789Z", "2026-01-31T12:00:00.123456Z"},
             Row{"2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00.000000Z"},
             Row{"1969-12-31T23:59:59Z", "1969-12-31T23:59:59.000000Z"},
             Row{"2026-02-30T12:00:00Z", ""},
             Row{"2026-01-31T24:00:00Z", ""},
             Row{"2026-01-31T12:00:00", ""},
             Row{"2026-01-31T12:00:00.Z", ""},
             Row{"2026-01-31", ""},
             Row{"", ""},
         }) {
        const auto time = parseTime(text);
        EXPECT_EQ(time ? formatMicroTime(*time) : "", expected) << text;
    }
}

TEST(CalendarTime, knowsTheYearsThatRfc3339Writes)
{
    struct Row {
        std::string_view text;
        std::string written; ///< Empty: refused.
        std::string held;    ///< As a WallTime, which ends before.
    };
    for (const auto& [text, written, held] : {
             Row{"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "2200-01-01T00:00:00Z"},
             Row{"2262-05-01T00:00:00Z", "2262-05-01T00:00:00Z", "2200-01-01T00:00:00Z"},
             Row{"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1700-01-01T00:00:00Z"},
             Row{"2199-12-31T23:59:59Z", "2199-12-31T23:59:59Z", "2199-12-31T23:59:59Z"},
             Row{"9999-12-31T23:59:59-00:01", "", ""},
             Row{"0000-01-01T00:00:00+00:01", "", ""},
         }) {
        const auto time = parseCalendarTime(text);
        EXPECT_EQ(time ? formatCalendarTime(*time) : "", written) << text;
        const auto wall = parseTime(text);
        EXPECT_EQ(wall ? formatTime(*wall) : "", held) << text;
    }
}

TEST(SimulatedClock, movesOnlyWhenTold)
{
    SimulatedClock clock;
    const auto before = clock.wall();
    EXPECT_EQ(clock.wall(), before);
    clock.advance(std::chrono::seconds{3});
    EXPECT_EQ(clock.wall() - before, std::chrono::seconds{3});
}

} // namespace
} // namespace keelson
