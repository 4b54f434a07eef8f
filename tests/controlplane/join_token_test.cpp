// SPDX-License-Identifier: Apache-2.0
#include "base/private_file.h"
#include "controlplane/identity_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <unistd.h>

namespace keelson::controlplane {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr auto authority = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n";
const std::string secret(64, 'a');

class JoinToken : public testing::Test {
protected:
    JoinToken() { std::filesystem::create_directories(m_folder); }
    ~JoinToken() override { std::filesystem::remove_all(m_folder); }

    Result<std::string> load(const std::string& content)
    {
        EXPECT_TRUE(writePrivateFile(m_file, content));
        return loadOrCreateJoinToken(m_file, authority);
    }

    const std::filesystem::path m_folder =
        std::filesystem::temp_directory_path() / ("keelson-join-token-" + std::to_string(::getpid()));
    const std::filesystem::path m_file = m_folder / "agent.token";
};

TEST_F(JoinToken, isMadeOnceAndKept)
{
    const auto made = loadOrCreateJoinToken(m_file, authority);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(readFile(m_file).value_or(""), "QUJD." + *made + "\n");
    EXPECT_EQ(loadOrCreateJoinToken(m_file, authority).value_or(""), *made);
    EXPECT_EQ(load("b2xk." + secret + "\n").value_or(""), secret) << "another authority's: the secret stays";
    EXPECT_EQ(readFile(m_file).value_or(""), "QUJD." + secret + "\n");
}

TEST_F(JoinToken, isRefusedWhenItIsDamaged)
{
    for (const auto& damaged :
         {std::string(), std::string("x\n"), std::string("QUJD\n"), std::string("QUJD.\n"), "QUJD." + secret.substr(1),
          "QUJD." + secret + "a\n", "QUJD." + secret.substr(1) + "-\n", "\nQUJD." + secret + "\n"}) {
        const auto loaded = load(damaged);
        ASSERT_FALSE(loaded) << damaged << " gives " << *loaded;
        EXPECT_EQ(loaded.error().reason, Reason::Invalid);
        EXPECT_THAT(loaded.error().message,
                    AllOf(HasSubstr(m_file.string() + " is damaged"), HasSubstr("from a copy, or remove it")));
        EXPECT_EQ(readFile(m_file).value_or("?"), damaged) << "left for whoever mends it";
    }
}

} // namespace
} // namespace keelson::controlplane
