// SPDX-License-Identifier: Apache-2.0
#include "controlplane/published_address.h"

#include <gtest/gtest.h>

namespace keelson::controlplane {
namespace {

TEST(PublishedAddress, isOneThatPodsCanDial)
{
    struct Row {
        const char* advertise;
        std::vector<std::string> listening;
        const char* machine;
        const char* published; // empty: none
    };
    for (const auto& [advertise, listening, machine, published] : {
             Row{"", {"127.0.0.1:6443"}, "192.0.2.7", ""},
             Row{"", {"127.0.0.1:6443", "172.17.0.1:40000"}, "192.0.2.7", "172.17.0.1:40000"},
             Row{"", {"192.0.2.1:6443", "172.17.0.1:40000"}, "192.0.2.7", "192.0.2.1:6443"},
             Row{"", {"0.0.0.0:6443"}, "192.0.2.7", "192.0.2.7:6443"},
             Row{"", {"0.0.0.0:6443"}, "", ""},
             Row{"", {"0.0.0.0:6443", "172.17.0.1:40000"}, "", "172.17.0.1:40000"},
             Row{"api.example.com:443", {"192.0.2.1:6443"}, "192.0.2.7", "api.example.com:443"},
             Row{"localhost:443", {"192.0.2.1:6443"}, "192.0.2.7", ""},
         }) {
        const auto found = publishedAddress(advertise, listening, [machine] { return std::string(machine); });
        EXPECT_EQ(found.value_or(""), published) << advertise << " " << listening.front();
    }
}

} // namespace
} // namespace keelson::controlplane
