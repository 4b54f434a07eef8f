// SPDX-License-Identifier: Apache-2.0
#include "volumes/host_volumes.h"
#include "volumes/volume_files.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace keelson::volumes {
namespace {

namespace fs = std::filesystem;

template <typename T>
T fromYaml(std::string_view text)
{
    const auto value = api::parseYaml(text);
    EXPECT_TRUE(value.has_value()) << text;
    return api::fromJson<T>(value.value_or(api::Value())).value_or(T{});
}

std::string read(const fs::path& path)
{
    std::ifstream stream(path);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

struct Volumes : testing::Test {
    Volumes()
    {
        std::string pattern = (fs::temp_directory_path() / "keelson-volumes-XXXXXX").string();
        folder = ::mkdtemp(pattern.data());
        objects.configMaps["app"] = std::make_shared<api::ConfigMap>(
            fromYaml<api::ConfigMap>("{data: {a: '1', b: '2'}, binaryData: {c: eA==}}"));
        objects.tokens.emplace(pods::TokenSpec{"", 3600}, "jwt");
        objects.tokens.emplace(pods::TokenSpec{"gone", 3600},
                               fail(Reason::NotFound, "serviceaccounts \"web\" not found"));
        objects.secrets["key"] = std::make_shared<api::Secret>(fromYaml<api::Secret>("data: {p: c2VjcmV0}"));
    }
    ~Volumes() override
    {
        for (const auto& uid : volumes.known())
            static_cast<void>(volumes.remove(uid));
        fs::remove_all(folder);
    }

    api::Pod pod(const std::string& volume)
    {
        return fromYaml<api::Pod>(
            "{metadata: {name: web, namespace: shop, uid: u1, labels: {app: web}}, spec: {volumes: [{name: v, " +
            volume + "}]}}");
    }

    /// "PATH=CONTENT(MODE) ..." or the error.
    std::string files(const std::string& volume)
    {
        const auto made = pod(volume);
        const auto found = filesOf(made, made.spec.volumes[0], objects, {.podIp = "10.0.0.5"});
        if (!found)
            return found.error().message;
        std::string text;
        for (const auto& [path, file] : *found)
            text += path + "=" + file.content + "(" + std::to_string(file.mode) + ") ";
        return text;
    }

    fs::path folder;
    pods::PodObjects objects;
    HostVolumes volumes{folder / "pods"};
};

TEST_F(Volumes, areMadeOfObjects)
{
    const struct {
        const char* volume;
        const char* files;
    } cases[] = {
        {"configMap: {name: app}", "a=1(420) b=2(420) c=x(420) "},
        {"configMap: {name: app, defaultMode: 256, items: [{key: a, path: sub/file}]}", "sub/file=1(256) "},
        {"configMap: {name: none}", "configmap \"none\" not found"},
        {"configMap: {name: none, optional: true}", ""},
        {"configMap: {name: app, items: [{key: z, path: z}]}", "configmap \"app\" has no key \"z\""},
        {"configMap: {name: app, items: [{key: a, path: ../z}]}", "path \"../z\" leaves its volume"},
        {"secret: {secretName: key}", "p=secret(420) "},
        {"secret: {secretName: key, items: [{key: p, path: q, mode: 384}]}", "q=secret(384) "},
        {"downwardAPI: {items: [{path: l, fieldRef: {fieldPath: metadata.labels}}]}", "l=app=\"web\"(420) "},
        {"projected: {sources: [{configMap: {name: app, items: [{key: a, path: a}]}}, {secret: {name: key}}]}",
         "a=1(420) p=secret(420) "},
        {"projected: {sources: [{serviceAccountToken: {path: t}}]}", "t=jwt(420) "},
        {"projected: {defaultMode: 256, sources: [{serviceAccountToken: {path: t, expirationSeconds: 3600}}]}",
         "t=jwt(256) "},
        {"projected: {sources: [{serviceAccountToken: {path: t, audience: vault}}]}",
         "failed to fetch token: the control plane has not answered yet"},
        {"projected: {sources: [{serviceAccountToken: {path: t, audience: gone}}]}",
         "failed to fetch token: serviceaccounts \"web\" not found"},
        {"projected: {sources: [{clusterTrustBundle: {path: t}}]}",
         "this agent projects configMap, secret, downwardAPI and serviceAccountToken only"},
    };
    for (const auto& each : cases)
        EXPECT_EQ(files(each.volume), each.files) << each.volume;
}

TEST_F(Volumes, tokensAreForThePodsOwnUserAndGroup)
{
    const struct {
        const char* pod;
        const char* files; // token and configMap
        std::optional<std::int64_t> user;
    } cases[] = {
        {"containers: [{name: a}]", "a=1(420) t=jwt(420) ", {}},
        {"securityContext: {fsGroup: 7}, containers: [{name: a}]", "a=1(420) t=jwt(416) ", {}},
        {"securityContext: {runAsUser: 5}, containers: [{name: a}]", "a=1(420) t=jwt(384) ", 5},
        {"securityContext: {runAsUser: 5, fsGroup: 7}, containers: [{name: a}]", "a=1(420) t=jwt(416) ", 5},
        {"securityContext: {runAsUser: 5}, containers: [{name: a, securityContext: {runAsUser: 6}}]",
         "a=1(420) t=jwt(384) ", 6},
        {"containers: [{name: a, securityContext: {runAsUser: 6}}, {name: b}]", "a=1(420) t=jwt(420) ", {}},
        {"initContainers: [{name: i}], containers: [{name: a, securityContext: {runAsUser: 6}}]",
         "a=1(420) t=jwt(420) ",
         {}},
    };
    for (const auto& each : cases) {
        const auto made = fromYaml<api::Pod>(
            "{metadata: {uid: u1}, spec: {volumes: [{name: v, projected: {sources: [{serviceAccountToken: {path: t}}, "
            "{configMap: {name: app, items: [{key: a, path: a}]}}]}}], " +
            std::string(each.pod) + "}}");
        const auto found = filesOf(made, made.spec.volumes[0], objects, {});
        ASSERT_TRUE(found) << found.error().message;
        std::string text;
        for (const auto& [path, file] : *found)
            text += path + "=" + file.content + "(" + std::to_string(file.mode) + ") ";
        EXPECT_EQ(text, each.files) << each.pod;
        EXPECT_EQ(found->at("t").user, each.user) << each.pod;
        EXPECT_EQ(found->at("a").user, std::nullopt) << each.pod;
    }
}

TEST_F(Volumes, oldTokensServeUntilNewOnesCome)
{
    const auto made = pod("projected: {sources: [{serviceAccountToken: {path: sub/t}}]}");
    const auto path = fs::path(volumes.prepare(made, objects, {})->at("v"));
    EXPECT_EQ(read(path / "sub" / "t"), "jwt");
    objects.tokens.clear(); // the agent has begun anew
    EXPECT_TRUE(volumes.prepare(made, objects, {}));
    EXPECT_EQ(read(path / "sub" / "t"), "jwt");
    objects.tokens.emplace(pods::TokenSpec{"", 3600}, "next");
    EXPECT_TRUE(volumes.prepare(made, objects, {}));
    EXPECT_EQ(read(path / "sub" / "t"), "next");
}

TEST_F(Volumes, belongToTheGroupOfThePod)
{
    if (::geteuid() != 0)
        GTEST_SKIP() << "only root may give files away";
    auto made = pod("projected: {sources: [{serviceAccountToken: {path: sub/t}}]}");
    made.spec.securityContext.emplace().fsGroup = 4711;
    const auto path = fs::path(volumes.prepare(made, objects, {})->at("v"));
    const auto look = [&](const fs::path& each) {
        struct stat about{};
        EXPECT_EQ(::stat(each.c_str(), &about), 0) << each;
        EXPECT_EQ(about.st_gid, 4711U) << each;
        return about.st_mode & 07777U;
    };
    EXPECT_EQ(look(path), 02755U);
    EXPECT_EQ(look(path / "sub"), 02755U);
    EXPECT_EQ(look(path / "sub" / "t"), 0640U);
    const auto state = fs::read_symlink(path / "..data");
    EXPECT_TRUE(volumes.prepare(made, objects, {}));
    EXPECT_EQ(fs::read_symlink(path / "..data"), state) << "nothing has changed";
    auto scratch = pod("emptyDir: {}");
    scratch.metadata.uid = "u2";
    scratch.spec.securityContext.emplace().fsGroup = 4711;
    EXPECT_EQ(look(volumes.prepare(scratch, objects, {})->at("v")), 02777U);
}

TEST_F(Volumes, changeInOneStep)
{
    const auto made = pod("configMap: {name: app}");
    const auto path = fs::path(volumes.prepare(made, objects, {})->at("v"));
    EXPECT_EQ(read(path / "a"), "1");
    EXPECT_TRUE(fs::is_symlink(path / "a"));
    const auto state = fs::read_symlink(path / "..data");
    ASSERT_TRUE(volumes.prepare(made, objects, {}));
    EXPECT_EQ(fs::read_symlink(path / "..data"), state) << "nothing has changed";

    objects.configMaps["app"] = std::make_shared<api::ConfigMap>(fromYaml<api::ConfigMap>("{data: {a: '7', d: '8'}}"));
    ASSERT_TRUE(volumes.prepare(made, objects, {}));
    EXPECT_NE(fs::read_symlink(path / "..data"), state);
    EXPECT_EQ(read(path / "a"), "7");
    EXPECT_EQ(read(path / "d"), "8");
    EXPECT_FALSE(fs::exists(fs::symlink_status(path / "b")));
    EXPECT_FALSE(fs::exists(path / state)) << "the old state is gone";
}

TEST_F(Volumes, areMadeAnewWhenTheyCannotBeLookedAt)
{
    const auto made = pod("configMap: {name: app}");
    const auto path = fs::path(volumes.prepare(made, objects, {})->at("v"));
    const auto state = fs::read_symlink(path / "..data");
    fs::create_symlink("loop", path / state / "loop"); // to itself: nobody can say what it is
    const auto again = volumes.prepare(made, objects, {});
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_NE(fs::read_symlink(path / "..data"), state);
    EXPECT_EQ(read(path / "a"), "1");
    EXPECT_FALSE(fs::exists(path / state));
}

TEST_F(Volumes, goWithTheirPod)
{
    const auto made = pod("emptyDir: {medium: Memory}");
    const auto path = fs::path(volumes.prepare(made, objects, {})->at("v"));
    std::ofstream(path / "file") << "x";
    ASSERT_TRUE(volumes.prepare(made, objects, {}));
    EXPECT_EQ(read(path / "file"), "x") << "it lives as long as the pod";
    EXPECT_EQ(volumes.known(), std::vector<std::string>{"u1"});
    const auto removed = volumes.remove("u1");
    EXPECT_TRUE(removed) << removed.error().message;
    EXPECT_TRUE(volumes.known().empty());
    EXPECT_TRUE(volumes.remove("u1")) << "twice is no failure";
    EXPECT_FALSE(volumes.remove("../x"));
}

TEST_F(Volumes, nameTheVolumeThatFails)
{
    const auto prepared = volumes.prepare(pod("secret: {secretName: none}"), objects, {});
    ASSERT_FALSE(prepared);
    EXPECT_EQ(prepared.error().message, "MountVolume.SetUp failed for volume \"v\" : secret \"none\" not found");
    EXPECT_EQ(volumes.prepare(pod("nfs: {server: s, path: /}"), objects, {}).error().reason, Reason::Invalid);
}

TEST_F(Volumes, nameTheKindThatIsNotOffered)
{
    const struct {
        const char* volume;
        const char* says;
    } cases[] = {
        {"persistentVolumeClaim: {claimName: db}", "persistentVolumeClaim \"db\""},
        {"nfs: {server: files.example, path: /x}", "nfs \"files.example\""},
        {"csi: {driver: disk.example}", "csi \"disk.example\""},
        {"ephemeral: {volumeClaimTemplate: {spec: {}}}", "ephemeral \"web-v\""},
        {"flocker: {}", "flocker"},
    };
    for (const auto& [volume, says] : cases) {
        const auto refused = volumes.prepare(pod(volume), objects, {});
        ASSERT_FALSE(refused) << volume;
        EXPECT_EQ(refused.error().message.find("MountVolume.SetUp failed for volume \"v\" : " + std::string(says) +
                                               " is of a kind that this agent does not offer"),
                  0U)
            << refused.error().message;
    }
}

TEST_F(Volumes, sayWhyAFileCannotBeWritten)
{
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{.rlim_cur = 8, .rlim_max = before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    const auto written = writeAtomically(folder / "v", {{"a", {.content = "more than eight bytes"}}});
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().message, (folder / "v" / "..state-1" / "a").string() + ": File too large");
    EXPECT_FALSE(fs::exists(folder / "v" / "..state-1")) << "nothing half written stays";
}

TEST_F(Volumes, checkHostPaths)
{
    std::ofstream(folder / "file") << "x";
    EXPECT_TRUE(checkHostPath(folder / "file", ""));
    EXPECT_TRUE(checkHostPath(folder / "untyped" / "deep", ""));
    EXPECT_TRUE(fs::is_directory(folder / "untyped" / "deep"));
    EXPECT_FALSE(checkHostPath(folder / "file" / "below", ""));
    EXPECT_TRUE(checkHostPath(folder / "file", "File"));
    EXPECT_TRUE(checkHostPath(folder, "Directory"));
    EXPECT_TRUE(checkHostPath(folder / "made", "DirectoryOrCreate"));
    EXPECT_TRUE(fs::is_directory(folder / "made"));
    EXPECT_TRUE(checkHostPath(folder / "new", "FileOrCreate"));
    EXPECT_EQ(checkHostPath(folder / "none", "Directory").error().message,
              "hostPath type check failed: " + (folder / "none").string() + " is not a directory");
    EXPECT_EQ(checkHostPath(folder / "file" / "below", "FileOrCreate").error().message,
              (folder / "file" / "below").string() + ": Not a directory");
    EXPECT_FALSE(checkHostPath(folder / "file", "Socket"));
    EXPECT_FALSE(checkHostPath(folder / "file", "Nonsense"));
}

} // namespace
} // namespace keelson::volumes
