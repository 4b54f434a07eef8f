// SPDX-License-Identifier: Apache-2.0
#include "base/host_port.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson {
namespace {

TEST(HostPort, readsWhatPeopleWrite)
{
    struct Row {
        const char* text;
        const char* expected;
    };
    for (const auto& [text, expected] : {
             Row{"127.0.0.1:6443", "127.0.0.1 6443"},
             Row{"node-a:0", "node-a 0"},
             Row{"[::1]:65535", "::1 65535"},
             Row{":80", " 80"},
             Row{"[]:80", " 80"},
             Row{"node-a", "-"},
             Row{"node-a:", "-"},
             Row{"node-a:http", "-"},
             Row{"node-a:80x", "-"},
             Row{"node-a:-1", "-"},
             Row{"node-a:65536", "-"},
             Row{"", "-"},
         }) {
        const auto got = HostPort::parse(text);
        EXPECT_EQ(got ? fmt::format("{} {}", got->host, got->port) : "-", expected) << text;
    }
}

} // namespace
} // namespace keelson
