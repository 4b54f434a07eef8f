// SPDX-License-Identifier: Apache-2.0
#include "base/private_file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <sys/stat.h>

namespace keelson {
namespace {

TEST(PrivateFile, isForItsOwnerAlone)
{
    std::string pattern = (std::filesystem::temp_directory_path() / "keelson-base-XXXXXX").string();
    const std::filesystem::path folder = ::mkdtemp(pattern.data());
    ASSERT_TRUE(writePrivateFile(folder / "key", "secret"));
    struct stat about{};
    ASSERT_EQ(::stat((folder / "key").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
    EXPECT_EQ(*readFile(folder / "key"), "secret");
    EXPECT_EQ(readFile(folder / "none").error().reason, Reason::NotFound);
    const auto refused = writePrivateFile(folder / "no" / "key", "secret");
    EXPECT_TRUE(refused.error().message.ends_with("No such file or directory")) << refused.error().message;
    std::filesystem::remove_all(folder);
}

} // namespace
} // namespace keelson
