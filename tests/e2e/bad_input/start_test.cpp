// SPDX-License-Identifier: Apache-2.0
#include "control_plane.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <sys/mount.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

namespace keelson::e2e {
namespace {

using support::Outcome;
using support::TemporaryFolder;
using testing::ContainsRegex;
using testing::HasSubstr;

/// Runs keelsond to the end that it must come to at once.
Outcome start(const std::filesystem::path& data, std::vector<std::string> arguments = {})
{
    std::vector<std::string> command{program("keelsond"), "--data-dir", data};
    const auto given = [&](const char* name) { return std::ranges::find(arguments, name) != arguments.end(); };
    for (const auto* const name : {"--listen", "--agent-listen"}) {
        if (!given(name))
            command.insert(command.end(), {name, "127.0.0.1:0"});
    }
    command.insert(command.end(), arguments.begin(), arguments.end());
    return support::run(command, {.input = {}, .environment = {}, .limit = std::chrono::seconds{10}});
}

/// The lines that tell why; those of the log have a time before them.
std::string complaint(const Outcome& outcome)
{
    std::string text;
    std::istringstream lines(outcome.error);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("20"))
            text += line + "\n";
    }
    return text;
}

void overwrite(const std::filesystem::path& path, std::streamoff at, const std::string& bytes)
{
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file << bytes;
}

TEST(Start, refusesOptionsThatItCannotUse)
{
    const TemporaryFolder folder;
    support::writeFile(folder.path() / "unknown.toml", "colour = \"red\"\n");
    const auto admission = folder.path() / "admission.yaml";
    support::writeFile(admission, "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\n"
                                  "plugins: [{name: EventRateLimit}]\n");
    struct Row {
        std::vector<std::string> arguments;
        int exitCode;
        std::string says;
    };
    for (const auto& [arguments, exitCode, says] : {
             Row{{"--colour"}, 2, "The following argument was not expected: --colour (see keelsond --help)"},
             Row{{"--node-grace", "soon"},
                 2,
                 "--node-grace: \"soon\" is no number of seconds from 0.1 on (see keelsond --help)"},
             Row{{"--log-level", "loud"},
                 2,
                 "--log-level: \"loud\" is no level: debug, info, warning and error are (see keelsond --help)"},
             Row{{"--config", "no.toml"}, 2, "no.toml was not readable (missing?) (see keelsond --help)"},
             Row{{"--config", folder.path() / "unknown.toml"},
                 2,
                 "INI was not able to parse colour (see keelsond --help)"},
             Row{{"--listen", "here"}, 1, "\"here\" is no address to listen on: HOST:PORT is wanted"},
             Row{{"--agent-listen", "127.0.0.1:70000"},
                 1,
                 "\"127.0.0.1:70000\" is no address to listen on for agents: HOST:PORT is wanted"},
             Row{{"--advertise", "here"},
                 1,
                 "\"here\" is no address to advertise: HOST:PORT is wanted, as others dial it"},
             Row{{"--oidc-issuer-url", "http://issuer", "--oidc-client-id", "keelson"},
                 1,
                 "--oidc-issuer-url: \"http://issuer\" must begin with https://"},
             Row{{"--oidc-issuer-url", "https://issuer"},
                 1,
                 "--oidc-client-id is needed together with --oidc-issuer-url"},
             Row{{"--oidc-required-claim", "hd"},
                 2,
                 "--oidc-required-claim: \"hd\" is not NAME=VALUE (see keelsond --help)"},
             Row{{"--admission-control-config-file", admission},
                 1,
                 fmt::format("the admission configuration {}: plugins: \"EventRateLimit\" cannot be configured, only "
                             "PodSecurity can",
                             admission.string())},
             Row{{"--service-cidr", "10.96.0.0"},
                 1,
                 "\"10.96.0.0\" is not an IPv4 range for services, such as 10.96.0.0/16 (/1 to /28)"},
             Row{{"--pod-cidr", "10.0.0.0/25"},
                 1,
                 "\"10.0.0.0/25\" is not an IPv4 range for pods, such as 10.244.0.0/16 (/1 to /24: each node takes a "
                 "/24 of it)"},
             Row{{"--pod-cidr", "10.96.128.0/20"},
                 1,
                 "the ranges of services (10.96.0.0/16) and pods (10.96.128.0/20) overlap: choose others"},
         }) {
        const auto outcome = start(folder.path() / "data", arguments);
        EXPECT_EQ(outcome.exitCode, exitCode) << says;
        EXPECT_EQ(complaint(outcome), fmt::format("keelsond: {}\n", says));
    }
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "data")) << "nothing is made";
}

TEST(Start, namesThePortThatIsTaken)
{
    ControlPlane running;
    const TemporaryFolder folder;
    const auto taken = running.server().apiAddress();
    auto outcome = start(folder.path() / "data", {"--listen", taken});
    EXPECT_EQ(outcome.exitCode, 1);
    EXPECT_EQ(complaint(outcome), fmt::format("keelsond: cannot listen on {}: Address already in use\n", taken));
    outcome = start(folder.path() / "data", {"--agent-listen", taken});
    EXPECT_EQ(outcome.exitCode, 1);
    EXPECT_EQ(complaint(outcome),
              fmt::format("keelsond: cannot listen for agents on {}: Address already in use\n", taken));
}

TEST(Start, leavesTheFolderOfAnotherAlone)
{
    ControlPlane running;
    const auto outcome = start(running.data());
    EXPECT_EQ(outcome.exitCode, 1);
    EXPECT_EQ(complaint(outcome),
              fmt::format("keelsond: the database {0}/store.db is used by another keelsond: {0}/store.db.lock is "
                          "held by another process (process {1})\n",
                          running.data().string(), running.server().process().pid()));
    EXPECT_TRUE(std::filesystem::exists(running.data() / "addresses.json"));
    EXPECT_TRUE(running.kubectl({"get", "namespaces"}).ok());
}

TEST(Start, needsAFolderThatItCanWrite)
{
    const TemporaryFolder folder;
    support::writeFile(folder.path() / "file", "");
    auto outcome = start(folder.path() / "file");
    EXPECT_EQ(outcome.exitCode, 1);
    EXPECT_THAT(outcome.error, HasSubstr((folder.path() / "file").string() + " cannot be made: Not a directory"));
    if (::geteuid() != 0)
        GTEST_SKIP() << "the rest mounts a file system";
    const auto readOnly = folder.path() / "ro";
    std::filesystem::create_directory(readOnly);
    ASSERT_EQ(::mount("none", readOnly.c_str(), "tmpfs", MS_RDONLY, "size=64k"), 0);
    outcome = start(readOnly);
    ::umount(readOnly.c_str());
    EXPECT_EQ(outcome.exitCode, 1);
    EXPECT_EQ(complaint(outcome), fmt::format("keelsond: cannot write to {}: Read-only file system\n",
                                              (readOnly / "store.db.lock").string()));
}

/// A data folder as a kill leaves it (all is in the write-ahead log), or as a clean end does (all is in the database).
void fillFolder(const std::filesystem::path& data, bool killed)
{
    support::ControlPlaneProcess server(program("keelsond"), data);
    ASSERT_TRUE(server.waitReady());
    if (killed) {
        server.process().signal(SIGKILL);
        server.process().wait(std::chrono::seconds{5});
    } else {
        EXPECT_EQ(server.process().stop(), 0);
    }
}

TEST(Start, saysWhatIsDamagedAndLeavesItAsItIs)
{
    const TemporaryFolder folder;
    const auto clean = folder.path() / "clean";
    const auto killed = folder.path() / "killed";
    std::filesystem::create_directory(clean);
    std::filesystem::create_directory(killed);
    fillFolder(clean, false);
    fillFolder(killed, true);
    const std::string garbage(3000, '?');
    const auto garbled = [&](const char* name, std::streamoff at) {
        return [&garbage, name, at](const std::filesystem::path& data) { overwrite(data / name, at, garbage); };
    };
    const auto cut = [](const char* name, std::uintmax_t bytes) {
        return [name, bytes](const std::filesystem::path& data) { std::filesystem::resize_file(data / name, bytes); };
    };
    const auto gone = [](std::vector<const char*> names) {
        return [names](const std::filesystem::path& data) {
            for (const auto* const name : names)
                std::filesystem::remove(data / name);
        };
    };
    struct Row {
        const char* what;
        std::filesystem::path from;
        std::function<void(const std::filesystem::path&)> damage;
        const char* says;
    };
    for (const auto& [what, from, damage, says] : {
             Row{"the head of the file", clean, garbled("store.db", 0),
                 "/store.db is damaged (file is not a database)"},
             Row{"a page", clean, garbled("store.db", 20'000), "/store.db is damaged"},
             Row{"the end", clean, cut("store.db", 32'768), "/store.db is damaged"},
             Row{"the log", killed, garbled("store.db-wal", 40),
                 "/store.db is damaged (frame 1 of its write-ahead log"},
             Row{"the log's head", killed, garbled("store.db-wal", 0),
                 "/store.db is damaged (the header of its write-ahead log"},
             Row{"a database that is empty beside its log", killed, cut("store.db", 0), "/store.db is empty, yet"},
             Row{"a database that is empty", clean, cut("store.db", 0), "/store.db is empty, yet"},
             Row{"a database that is gone", clean, gone({"store.db"}), "/store.db is missing, yet"},
             Row{"the whole authority", clean, gone({"pki/ca.crt", "pki/ca.key"}),
                 "/pki/ca.crt and ca.key are missing"},
             Row{"the authority's certificate", clean, cut("pki/ca.crt", 0), "/pki/ca.crt holds no certificate"},
             Row{"the authority's key", clean, gone({"pki/ca.key"}),
                 "/pki/ca.key is missing beside ca.crt: put it back"},
         }) {
        const auto data = folder.path() / "damaged";
        std::filesystem::copy(from, data, std::filesystem::copy_options::recursive);
        damage(data);
        const auto before = support::readFile(data / "store.db") + "|" + support::readFile(data / "store.db-wal");
        const auto outcome = start(data);
        EXPECT_EQ(outcome.exitCode, 1) << what;
        EXPECT_THAT(complaint(outcome), HasSubstr("keelsond: ")) << what;
        EXPECT_THAT(complaint(outcome), HasSubstr(data.string())) << what;
        EXPECT_THAT(complaint(outcome), HasSubstr(says)) << what;
        if (std::string_view(says).find("pki") == std::string_view::npos) {
            EXPECT_THAT(complaint(outcome), ContainsRegex("Restore .* from a backup")) << what;
            EXPECT_EQ(support::readFile(data / "store.db") + "|" + support::readFile(data / "store.db-wal"), before)
                << what;
        }
        std::filesystem::remove_all(data);
    }
}

} // namespace
} // namespace keelson::e2e
