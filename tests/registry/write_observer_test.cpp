// SPDX-License-Identifier: Apache-2.0
#include "registry/write_observer.h"

#include <gtest/gtest.h>

namespace keelson::registry {
namespace {

TEST(FollowChanges, namesWhatDiffersAndKeepsUp)
{
    struct Row {
        const char* known;
        const char* now;
        const char* changes;
    };
    for (const auto& [before, after, expected] : {
             Row{"{a: 1}", "{a: 1}", "[]"},
             Row{"{a: 1}", "{a: 2}", R"([{"path":"/a","value":2}])"},
             Row{"{a: 1}", "{b: 1}", R"([{"path":"/b","value":1},{"path":"/a"}])"},
             Row{"{a: {b: 1, c: 2}}", "{a: {b: 1}}", R"([{"path":"/a/c"}])"},
             Row{"{l: [1, 2]}", "{l: [1, 3, 4]}", R"([{"path":"/l/1","value":3},{"path":"/l/2","value":4}])"},
             Row{"{l: [1, 2]}", "{l: [2]}", R"([{"path":"/l/0","value":2},{"path":"/l/1"}])"},
             Row{"{l: [{n: a}]}", "{l: [{n: a, v: {x/y: ~}}]}", R"([{"path":"/l/0/v","value":{"x/y":null}}])"},
             Row{"{a/b~c: 1}", "{a/b~c: []}", R"([{"path":"/a~1b~0c","value":[]}])"},
         }) {
        auto known = *api::parseYaml(before);
        const auto now = *api::parseYaml(after);
        EXPECT_EQ(api::writeJson(followChanges(known, now)), expected) << before << " " << after;
        EXPECT_EQ(known, now) << before;
        EXPECT_EQ(api::writeJson(followChanges(known, now)), "[]") << before;
    }
}

} // namespace
} // namespace keelson::registry
