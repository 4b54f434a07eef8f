// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <ostream>
#include <string>
#include <string_view>

namespace keelson::e2e {

/// A kubectl and what it calls itself in the names of tests.
struct Kubectl {
    std::string program;
    std::string minor; ///< "32", "20"
};
inline void PrintTo(const Kubectl& kubectl, std::ostream* out)
{
    *out << kubectl.program;
}

/// A folder with files and a namespace of its own, in which a kubectl plays stories against the one keelsond.
///
/// A story is text:
///   $ COMMAND    a line of shell; `k` is kubectl in the story's namespace, `kubectl` without one
///   $~ COMMAND   the same, asked again and again until it says what is expected
///   $32 COMMAND  only for the kubectl of that minor version (also with ~: $32~)
///   LINE         what it prints, standard output before standard error, whose lines begin with "! "; blanks are one
///   blank,
///                empty lines are nothing, `*` stands for any text
///   ...          any number of lines
///   [N]          its exit code, when that is not 0
class KubectlStory : public testing::TestWithParam<Kubectl> {
protected:
    void SetUp() override;
    void TearDown() override;

    /// Fails the test at the first step that says something else.
    void play(std::string_view story);
    void file(const std::string& name, std::string_view text) const;

private:
    std::filesystem::path m_folder;
    std::string m_namespace;
};

} // namespace keelson::e2e
