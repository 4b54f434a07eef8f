// SPDX-License-Identifier: Apache-2.0
#include "control_plane.h"
#include "support/small_disk.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <set>
#include <sstream>

namespace keelson::e2e {
namespace {

using support::eventually;
using support::Outcome;
using support::TemporaryFolder;
using testing::HasSubstr;
using namespace std::chrono_literals;

std::set<std::string> wordsOf(const std::string& text)
{
    std::istringstream words(text);
    return {std::istream_iterator<std::string>(words), {}};
}

TEST(FullDisk, refusesWritesUntilThereIsRoom)
{
    if (::geteuid() != 0)
        GTEST_SKIP() << "it mounts a file system";
    const support::SmallDisk disk(2048);
    ASSERT_TRUE(disk.mounted());
    ControlPlane cluster(disk.path() / "data");
    ASSERT_TRUE(cluster.kubectl({"create", "configmap", "before", "--from-literal=a=b"}).ok());
    support::writeFile(disk.path() / "filler",
                       std::string(std::size_t{4} << 20, 'x')); // as much of it as there is room for

    const auto large = fmt::format("--from-literal=a={}", std::string(60'000, 'x'));
    const auto reason = fmt::format("cannot write the database {}: the disk is full. Free some space and try again",
                                    (cluster.data() / "store.db").string());
    for (const auto& kubectl : kubectls()) {
        const auto refused = cluster.kubectl({"create", "configmap", "refused", large}, "", kubectl.program);
        EXPECT_EQ(refused.exitCode, 1);
        EXPECT_THAT(refused.error, HasSubstr(reason)) << kubectl.program;
    }
    EXPECT_THAT(cluster.server().log(), HasSubstr("error store: " + reason));
    EXPECT_EQ(cluster.kubectl({"get", "configmap", "before", "-o", "jsonpath={.data.a}"}).output, "b") << "reads go on";
    EXPECT_THAT(cluster.kubectl({"get", "configmap", "refused"}).error, HasSubstr("not found"));

    std::filesystem::remove(disk.path() / "filler");
    const auto written = cluster.kubectl({"create", "configmap", "after", large});
    EXPECT_TRUE(written.ok()) << written.error;
    EXPECT_THAT(cluster.server().log(), HasSubstr("can be written again"));
    cluster.restart();
    EXPECT_EQ(cluster.kubectl({"get", "configmaps", "-o", "jsonpath={.items[*].metadata.name}"}).output,
              "after before kube-root-ca.crt");
}

std::string listOfConfigMaps(int count)
{
    std::string list = R"({"apiVersion":"v1","kind":"List","items":[)";
    for (int i = 0; i < count; ++i)
        list += fmt::format(
            R"({}{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"write-{:04}"}},"data":{{"a":"{}"}}}})",
            i ? "," : "", i, i);
    return list + "]}";
}

TEST(Kill, losesNothingThatWasAcknowledged)
{
    ControlPlane cluster;
    const TemporaryFolder folder;
    const auto address = cluster.server().apiAddress();
    const auto kubeconfig = folder.path() / "kubeconfig";
    std::filesystem::copy(cluster.data() / "admin.kubeconfig", kubeconfig);
    const auto authority = support::readFile(cluster.data() / "pki" / "ca.crt");
    const auto kubectl = kubectls().front().program;
    support::writeFile(folder.path() / "list.json", listOfConfigMaps(1000));

    support::Process watcher({kubectl, "--kubeconfig", kubeconfig, "get", "configmaps", "-w", "-o", "name"},
                             folder.path() / "watch.log");
    support::Process writer(
        {kubectl, "--kubeconfig", kubeconfig, "create", "-f", folder.path() / "list.json", "-o", "name"},
        folder.path() / "write.log");
    ASSERT_TRUE(eventually(20s, [&] { return wordsOf(writer.log()).contains("configmap/write-0150"); }))
        << writer.log();
    cluster.server().process().signal(SIGKILL);
    writer.wait(60s);
    const auto acknowledged = wordsOf(writer.log());

    support::Process again(
        {program("keelsond"), "--data-dir", cluster.data(), "--listen", address, "--agent-listen", "127.0.0.1:0"},
        folder.path() / "again.log");
    ASSERT_TRUE(eventually(5s, [&] { return support::run({"curl", "-ksf", "https://" + address + "/readyz"}).ok(); }))
        << again.log();

    EXPECT_EQ(support::readFile(cluster.data() / "pki" / "ca.crt"), authority);
    const auto kept = support::run({kubectl, "--kubeconfig", kubeconfig, "get", "configmaps", "-o", "name"});
    ASSERT_TRUE(kept.ok()) << "the old kubeconfig serves: " << kept.error;
    const auto present = wordsOf(kept.output);
    int count = 0;
    for (const auto& name : acknowledged) {
        if (!name.starts_with("configmap/write-"))
            continue;
        ++count;
        EXPECT_TRUE(present.contains(name)) << name;
    }
    EXPECT_GE(count, 150);
    EXPECT_LT(count, 1000) << "it was killed in the middle";

    // The informers of real clients list and watch anew; kubectl get -w ends its stream and says so.
    EXPECT_TRUE(eventually(10s, [&] { return !watcher.running() || watcher.log().contains("configmap/write-0150"); }));
    support::Process second({kubectl, "--kubeconfig", kubeconfig, "get", "configmaps", "-w", "-o", "name"},
                            folder.path() / "second.log");
    ASSERT_TRUE(eventually(10s, [&] { return wordsOf(second.log()).contains("configmap/write-0150"); }));
    EXPECT_TRUE(support::run({kubectl, "--kubeconfig", kubeconfig, "create", "configmap", "later"}).ok());
    EXPECT_TRUE(eventually(10s, [&] { return wordsOf(second.log()).contains("configmap/later"); })) << second.log();
}

TEST(Terminate, endsAtOnceWithWatchersConnected)
{
    ControlPlane cluster;
    const TemporaryFolder folder;
    std::vector<std::unique_ptr<support::Process>> watchers;
    const auto logOf = [&](int i) { return folder.path() / fmt::format("{}.log", i); };
    for (int i = 0; i < 4; ++i)
        watchers.push_back(std::make_unique<support::Process>(
            std::vector<std::string>{kubectls().front().program, "--kubeconfig", cluster.data() / "admin.kubeconfig",
                                     "get", "namespaces", "-w", "-o", "name"},
            logOf(i)));
    ASSERT_TRUE(eventually(10s, [&] {
        return std::ranges::all_of(watchers,
                                   [](const auto& each) { return each->log().contains("namespace/kube-system"); });
    }));
    cluster.server().process().signal(SIGTERM);
    EXPECT_EQ(cluster.server().process().wait(3s), 0) << cluster.server().log();
    EXPECT_FALSE(std::filesystem::exists(cluster.data() / "addresses.json"));
    EXPECT_FALSE(std::filesystem::exists(cluster.data() / "store.db-wal")) << "the database alone holds all";
}

TEST(Folder, isForItsOwnerAndStaysTheSame)
{
    ControlPlane cluster;
    const auto permissions = [&](const std::filesystem::path& path) {
        return static_cast<unsigned>(std::filesystem::status(path).permissions());
    };
    std::map<std::string, std::string> before;
    EXPECT_EQ(permissions(cluster.data()), 0700U);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(cluster.data())) {
        EXPECT_EQ(permissions(entry.path()), entry.is_directory() ? 0700U : 0600U) << entry.path();
        if (entry.path().string().contains("pki/ca.") || entry.path().filename() == "agent.token")
            before[entry.path()] = support::readFile(entry.path());
    }
    EXPECT_EQ(before.size(), 3);
    const auto objects = [&] {
        return cluster
            .kubectl({"get", "namespaces,services,clusterroles,clusterrolebindings,roles,rolebindings", "-A", "-o",
                      "jsonpath={range .items[*]}{.metadata.name}@{.metadata.resourceVersion} {end}"})
            .output;
    };
    const auto first = objects();
    EXPECT_THAT(first, HasSubstr("cluster-admin@"));
    EXPECT_EQ(cluster.server().process().stop(), 0);
    cluster.restart();
    EXPECT_EQ(objects(), first) << "a start writes nothing that is there";
    for (const auto& [path, text] : before)
        EXPECT_EQ(support::readFile(path), text) << path;
}

/// Certificates made with openssl, signed by an authority in `folder` or by themselves.
Identity certificate(const TemporaryFolder& folder, const ControlPlane& cluster, const std::filesystem::path& signer,
                     int days)
{
    const auto at = [&](const char* name) { return (folder.path() / name).string(); };
    Identity identity{.server = {},
                      .authority = cluster.data() / "pki" / "ca.crt",
                      .certificate = at("user.crt"),
                      .key = at("user.key")};
    EXPECT_TRUE(
        support::run({"openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                      "-keyout", identity.key, "-out", at("user.csr"), "-subj", "/O=system:masters/CN=eve"})
            .ok());
    EXPECT_TRUE(support::run({"openssl", "x509", "-req", "-in", at("user.csr"), "-CA", signer / "ca.crt", "-CAkey",
                              signer / "ca.key", "-CAcreateserial", "-CAserial", at("user.srl"), "-days",
                              std::to_string(days), "-out", identity.certificate})
                    .ok());
    return identity;
}

TEST(Certificate, ofAnotherAuthorityOrOutOfDateIsNamed)
{
    ControlPlane cluster;
    ControlPlane other;
    struct Row {
        std::filesystem::path signer;
        int days;
        const char* says;
    };
    for (const auto& [signer, days, says] :
         {Row{other.data() / "pki", 1, "was not issued by this cluster's certificate authority"},
          Row{cluster.data() / "pki", -1, "expired"}}) {
        const TemporaryFolder folder;
        auto identity = certificate(folder, cluster, signer, days);
        identity.server = "https://" + cluster.server().apiAddress();
        support::writeFile(folder.path() / "kubeconfig", kubeconfigText(identity));
        for (const auto& kubectl : kubectls()) {
            const auto outcome =
                support::run({kubectl.program, "--kubeconfig", folder.path() / "kubeconfig", "get", "pods"});
            EXPECT_EQ(outcome.exitCode, 1);
            EXPECT_THAT(outcome.error, HasSubstr("You must be logged in to the server")) << kubectl.program;
            if (kubectl.old) // newer ones keep the server's words to themselves
                EXPECT_THAT(outcome.error, HasSubstr(says));
        }
        const auto answer = support::run(
            {"curl", "-sk", "--cert", identity.certificate, "--key", identity.key, identity.server + "/api/v1/pods"});
        EXPECT_THAT(answer.output, HasSubstr(says));
        EXPECT_THAT(answer.output, HasSubstr("\"code\":401"));
        EXPECT_THAT(cluster.server().log(),
                    testing::ContainsRegex(std::string(" warning apiserver: 127.0.0.1:[0-9]+: .*") + says));
    }
}

/// A token of the service account default/default; kubectl 1.20 cannot ask for one.
std::string accountToken(const ControlPlane& cluster)
{
    const auto reply = cluster.curl("POST", "/api/v1/namespaces/default/serviceaccounts/default/token",
                                    {"-H", "Content-Type: application/json"}, "{}");
    constexpr std::string_view before = R"("token":")";
    const auto at = reply.output.find(before);
    if (at == std::string::npos)
        return {};
    const auto begin = at + before.size();
    return reply.output.substr(begin, reply.output.find('"', begin) - begin);
}

TEST(Token, thatIsWrongIsNamed)
{
    ControlPlane cluster;
    ControlPlane other;
    std::string foreign;
    ASSERT_TRUE(eventually(10s, [&] {
        foreign = accountToken(other); // once a controller has made the account
        return !foreign.empty();
    }));
    const auto server = "https://" + cluster.server().apiAddress();
    struct Row {
        std::string token;
        const char* says;
    };
    for (const auto& [token, says] : {Row{"no-such-token", "the bearer token is not known to this cluster"},
                                      Row{foreign, "which its issuer does not have"}}) {
        const TemporaryFolder folder;
        support::writeFile(folder.path() / "kubeconfig",
                           fmt::format(R"(apiVersion: v1
kind: Config
clusters: [{{name: c, cluster: {{server: "{}", certificate-authority: "{}"}}}}]
users: [{{name: u, user: {{token: "{}"}}}}]
contexts: [{{name: c, context: {{cluster: c, user: u}}}}]
current-context: c
)",
                                       server, (cluster.data() / "pki" / "ca.crt").string(), token));
        for (const auto& kubectl : kubectls()) {
            const auto outcome =
                support::run({kubectl.program, "--kubeconfig", folder.path() / "kubeconfig", "get", "pods"});
            EXPECT_EQ(outcome.exitCode, 1);
            EXPECT_THAT(outcome.error, HasSubstr("You must be logged in to the server")) << kubectl.program;
            if (kubectl.old) // newer ones keep the server's words to themselves
                EXPECT_THAT(outcome.error, HasSubstr(says));
        }
        const auto ask = [&] {
            return support::run({"curl", "-sk", "-H", "Authorization: Bearer " + token, server + "/api/v1/pods"})
                .output;
        };
        EXPECT_THAT(ask(), HasSubstr(says));
        EXPECT_THAT(ask(), HasSubstr("\"code\":401"));
        EXPECT_THAT(ask(), testing::Not(HasSubstr(token))) << "a token is told to nobody";
        EXPECT_TRUE(eventually(10s, [&] {
            ask(); // it is told once a second
            return cluster.server().log().contains(says);
        })) << cluster.server().log();
        EXPECT_THAT(cluster.server().log(), testing::Not(HasSubstr(token)));
    }
}

} // namespace
} // namespace keelson::e2e
