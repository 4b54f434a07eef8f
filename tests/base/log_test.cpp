// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keelson {
namespace {

TEST(Log, tellsEachMessageInOneLine)
{
    testing::internal::CaptureStderr();
    log::error("auth", "the certificate of \"{}\"", "eve\n2026-01-01T00:00:00Z info store: all is well\x1b[2J");
    log::error("auth", "caf\xc3\xa9");
    const auto text = testing::internal::GetCapturedStderr();
    EXPECT_THAT(text,
                testing::HasSubstr(R"( error auth: the certificate of "eve\n2026-01-01T00:00:00Z info store: all is )"
                                   R"(well\x1b[2J")"
                                   "\n"));
    EXPECT_THAT(text, testing::EndsWith(" error auth: caf\xc3\xa9\n"));
}

} // namespace
} // namespace keelson
