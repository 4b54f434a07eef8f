// SPDX-License-Identifier: Apache-2.0
#include "pods/pod_security.h"

#include "pods/pod_specs.h"
#include "pods/pod_story.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace keelson::pods {
namespace {

api::Pod podWith(const std::string& security, const std::string& containerSecurity)
{
    return fromYaml<api::Pod>(fmt::format("{{metadata: {{name: w, namespace: d, uid: u}}, spec: {{securityContext: "
                                          "{{{}}}, containers: [{{name: m, image: a, securityContext: {{{}}}}}]}}}}",
                                          security, containerSecurity));
}

TEST(RunAsNonRoot, isHeldAsInKubernetes)
{
    struct Row {
        const char* pod;
        const char* container;
        const char* imageUser;
        const char* refused; // empty: it runs
    };
    const auto* const byPod = "container's runAsUser breaks non-root policy";
    const auto* const byImage = "container has runAsNonRoot and image will run as root";
    const auto* const byName =
        "container has runAsNonRoot and image has non-numeric user (root), cannot verify user is non-root";
    for (const auto& [podLevel, containerLevel, imageUser, expected] : {
             Row{"", "", "", ""},
             Row{"runAsNonRoot: true, runAsUser: 0", "", "1", byPod},
             Row{"runAsNonRoot: true", "runAsUser: 0", "1", byPod},
             Row{"runAsUser: 0", "runAsNonRoot: true", "1", byPod},
             Row{"runAsNonRoot: true, runAsUser: 0", "runAsNonRoot: false", "", ""},
             Row{"runAsNonRoot: true, runAsUser: 0", "runAsUser: 5", "", ""},
             Row{"runAsNonRoot: true", "", "", byImage},
             Row{"", "runAsNonRoot: true", "0", byImage},
             Row{"runAsNonRoot: true", "", "00", byImage},
             Row{"runAsNonRoot: true", "", "root", byName},
             Row{"runAsNonRoot: true", "", "1000", ""},
             Row{"runAsNonRoot: true, runAsGroup: 3", "", "", byImage},
         }) {
        const auto pod = podWith(podLevel, containerLevel);
        const auto& container = pod.spec.containers.at(0);
        auto spec = containerSpec(pod, container, {}, {}, {}, {});
        std::string said = spec ? "" : spec.error().message;
        if (spec && asksForImageUser(pod, container, *spec)) {
            const auto taken = takeImageUser(*spec, pod, container, imageUser);
            said = taken ? "" : taken.error().message;
        }
        EXPECT_EQ(said, *expected == '\0' ? "" : std::string(expected) + " (pod: \"w_d(u)\", container: m)")
            << podLevel << " / " << containerLevel << " / " << imageUser;
    }
}

TEST(Profiles, areTheContainersElseThePods)
{
    const auto folder = std::filesystem::temp_directory_path() / ("keelson-seccomp-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder / "team");
    std::ofstream(folder / "team" / "strict.json") << "{}";
    struct Row {
        const char* pod;
        const char* container;
        const char* seccomp;
        const char* appArmor;
    };
    for (const auto& [podLevel, containerLevel, seccomp, appArmor] : {
             Row{"", "", "", ""},
             Row{"seccompProfile: {type: Unconfined}, appArmorProfile: {type: Unconfined}", "", "unconfined",
                 "unconfined"},
             Row{"seccompProfile: {type: Unconfined}, appArmorProfile: {type: Unconfined}",
                 "seccompProfile: {type: RuntimeDefault}, appArmorProfile: {type: RuntimeDefault}", "", ""},
             Row{"", "seccompProfile: {type: Localhost, localhostProfile: team/strict.json}", "{}", ""},
             Row{"", "appArmorProfile: {type: Localhost, localhostProfile: strict}", "", "strict"},
         }) {
        const auto pod = podWith(podLevel, containerLevel);
        containers::ContainerSpec spec;
        ASSERT_TRUE(addProfiles(spec, pod, pod.spec.containers.at(0), folder)) << podLevel << containerLevel;
        EXPECT_EQ(spec.seccomp, seccomp) << podLevel << containerLevel;
        EXPECT_EQ(spec.appArmor, appArmor) << podLevel << containerLevel;
    }
    const auto refusal = [&](const std::string& file) {
        const auto pod = podWith("seccompProfile: {type: Localhost, localhostProfile: " + file + "}", "");
        containers::ContainerSpec spec;
        const auto added = addProfiles(spec, pod, pod.spec.containers.at(0), folder);
        return added ? std::string() : added.error().message;
    };
    EXPECT_TRUE(refusal("none.json").starts_with("cannot load seccomp profile \"" + (folder / "none.json").string()));
    for (const auto* leaving : {"../x", "/etc/x", "team/../../x"})
        EXPECT_TRUE(refusal(leaving).ends_with("leaves the folder of profiles")) << leaving;
    std::filesystem::remove_all(folder);
}

} // namespace
} // namespace keelson::pods
