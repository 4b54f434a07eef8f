// SPDX-License-Identifier: Apache-2.0
#include "controlplane/admission_files.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace keelson::controlplane {
namespace {

class AdmissionFiles : public testing::Test {
protected:
    AdmissionFiles()
        : m_folder(std::filesystem::temp_directory_path() / fmt::format("keelson-admission-files-{}", ::getpid()))
    {
        std::filesystem::create_directories(m_folder);
    }
    ~AdmissionFiles() override { std::filesystem::remove_all(m_folder); }

    void write(const char* name, const std::string& text) const { std::ofstream(m_folder / name) << text; }
    /// The exempt users, or the refusal without the file's name.
    std::string read(const std::string& rest) const
    {
        const auto file = m_folder / "admission.yaml";
        write("admission.yaml", "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\n" + rest);
        const auto found = readAdmissionConfiguration(file);
        if (!found) {
            const auto head = fmt::format("the admission configuration {}: ", file.string());
            EXPECT_TRUE(found.error().message.starts_with(head)) << found.error().message;
            return found.error().message.substr(std::min(head.size(), found.error().message.size()));
        }
        return found->exemptUsers.empty() ? "nobody" : *found->exemptUsers.begin();
    }

    const std::filesystem::path m_folder;
};

TEST_F(AdmissionFiles, holdTheConfigurationOfPodSecurity)
{
    const std::string inside = "apiVersion: pod-security.admission.config.k8s.io/v1\n"
                               "    kind: PodSecurityConfiguration\n    exemptions: {usernames: [jane]}\n";
    write("pods.yaml", "apiVersion: pod-security.admission.config.k8s.io/v1\nkind: PodSecurityConfiguration\n"
                       "exemptions: {usernames: [joe]}\n");
    write("wrong.yaml", "apiVersion: pod-security.admission.config.k8s.io/v1\nkind: PodSecurityConfiguration\n"
                        "exemptions: {users: [joe]}\n");
    struct Row {
        std::string rest;
        std::string outcome;
    };
    for (const auto& [rest, expected] : {
             Row{"", "nobody"},
             Row{"plugins: []\n", "nobody"},
             Row{"plugins:\n- name: PodSecurity\n", "nobody"},
             Row{"plugins:\n- name: PodSecurity\n  configuration:\n    " + inside, "jane"},
             Row{"plugins:\n- name: PodSecurity\n  path: pods.yaml\n", "joe"},
             Row{"plugins:\n- name: PodSecurity\n  path: pods.yaml\n  configuration:\n    " + inside,
                 "a plugin has a path or a configuration, not both"},
             Row{"plugins:\n- name: PodSecurity\n  path: wrong.yaml\n",
                 "the configuration of PodSecurity: exemptions.users: there is no such member"},
             Row{"plugins: {}\n", "plugins: a list is wanted"},
             Row{"plugins: [{name: AlwaysPullImages}]\n",
                 "plugins: \"AlwaysPullImages\" cannot be configured, only PodSecurity can"},
             Row{"kind: Pod\n", "it is no AdmissionConfiguration of apiserver.config.k8s.io/v1"},
         })
        EXPECT_EQ(read(rest), expected) << rest;
    EXPECT_TRUE(readAdmissionConfiguration({})->exemptUsers.empty());
    EXPECT_FALSE(readAdmissionConfiguration(m_folder / "none.yaml"));
}

} // namespace
} // namespace keelson::controlplane
