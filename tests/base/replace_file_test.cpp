// SPDX-License-Identifier: Apache-2.0
#include "base/replace_file.h"

#include "support/process.h"

#include "base/private_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace keelson {
namespace {

using std::filesystem::perms;

class ReplaceFile : public testing::Test {
protected:
    std::set<std::string> names() const
    {
        std::set<std::string> found;
        for (const auto& entry : std::filesystem::directory_iterator(m_folder))
            found.insert(entry.path().filename());
        return found;
    }

    support::TemporaryFolder m_temporary;
    const std::filesystem::path& m_folder = m_temporary.path();
};

TEST_F(ReplaceFile, letsManyWriteAtOnceAndKeepsTheTextOfOne)
{
    constexpr int writers = 4;
    constexpr int writes = 50;
    const auto path = m_folder / "state";
    {
        std::vector<std::jthread> threads;
        threads.reserve(writers);
        for (int t = 0; t < writers; ++t)
            threads.emplace_back([&, text = std::string(20'000, static_cast<char>('a' + t))] {
                for (int i = 0; i < writes; ++i) {
                    EXPECT_EQ(replaceFile(path, text, {}).message(), "Success");
                    const auto read = *readFile(path);
                    EXPECT_EQ(read, std::string(text.size(), read.front()));
                }
            });
    }
    EXPECT_EQ(names(), std::set<std::string>{"state"});
}

TEST_F(ReplaceFile, leavesNothingBehindWhenItFails)
{
    std::filesystem::create_directories(m_folder / "folder" / "more");
    const std::string longName(300, 'n');
    struct Row {
        std::string_view name;
        std::string_view cause;
    };
    for (const auto& [name, cause] : {
             Row{"none/state", "No such file or directory"},
             Row{"folder", "Is a directory"},
             Row{longName, "File name too long"},
         }) {
        EXPECT_EQ(replaceFile(m_folder / name, "text", {}).message(), cause) << name;
        EXPECT_EQ(names(), std::set<std::string>{"folder"}) << name;
    }
}

TEST_F(ReplaceFile, leavesAloneWhatAKilledProgramLeft)
{
    const auto left = "state." + std::to_string(::getpid()) + "-0.new";
    std::ofstream(m_folder / left) << "half";
    ASSERT_FALSE(replaceFile(m_folder / "state", "whole", {}));
    EXPECT_EQ(*readFile(m_folder / "state"), "whole");
    EXPECT_EQ(*readFile(m_folder / left), "half");
}

TEST_F(ReplaceFile, givesThePermissionsThatAreAskedFor)
{
    const auto mask = ::umask(0027);
    const auto path = m_folder / "state";
    struct Row {
        std::optional<perms> asked;
        unsigned expected;
    };
    for (const auto& [asked, expected] : {
             Row{{}, 0640},
             Row{perms{0600}, 0600},
             Row{perms{0666}, 0666}, // whatever new files get
             Row{{}, 0640},
         }) {
        ASSERT_FALSE(replaceFile(path, "text", asked));
        EXPECT_EQ(static_cast<unsigned>(std::filesystem::status(path).permissions()), expected);
    }
    ::umask(mask);
}

} // namespace
} // namespace keelson
