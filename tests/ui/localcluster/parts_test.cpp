// SPDX-License-Identifier: GPL-3.0-or-later
#include "localcluster/host_cleanup.h"
#include "localcluster/http_call.h"
#include "localcluster/kubeconfig_merge.h"
#include "localcluster/processes.h"
#include "support/small_disk.h"

#include <QTemporaryFile>

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <poll.h>
#include <unistd.h>

namespace keelson::localcluster {
namespace {

constexpr auto ours = R"(apiVersion: v1
kind: Config
clusters: [{name: k, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: admin, user: {token: t}}]
contexts: [{name: admin@k, context: {cluster: k, user: admin}}]
current-context: admin@k
)";

TEST(KubeconfigMerge, keepsTheOthers)
{
    const QByteArray existing = R"(apiVersion: v1
kind: Config
preferences: {colors: true}
clusters: [{name: work, cluster: {server: "https://work.example.com"}}]
users: [{name: me, user: {exec: {command: login}}}]
contexts: [{name: work, context: {cluster: work, user: me, namespace: shop}}]
current-context: work
)";
    const auto merged = mergeKubeconfig(existing, ours, "keelson-dev");
    ASSERT_TRUE(merged) << merged.error().message;
    for (const auto* kept : {"colors: true", "https://work.example.com", "command: login", "namespace: shop"})
        EXPECT_TRUE(merged->contains(kept)) << kept << "\n" << merged->toStdString();
    EXPECT_TRUE(merged->contains("current-context: keelson-dev"));
    EXPECT_EQ(mergeKubeconfig(*merged, ours, "keelson-dev"), *merged) << "a second time changes nothing";
    const auto without = dropFromKubeconfig(*merged, "keelson-dev");
    ASSERT_TRUE(without);
    EXPECT_FALSE(without->contains("keelson-dev"));
    EXPECT_TRUE(without->contains("https://work.example.com"));
}

TEST(KubeconfigMerge, startsFromNothingAndRefusesStrangeFiles)
{
    EXPECT_TRUE(mergeKubeconfig("", ours, "keelson-dev")->contains("https://127.0.0.1:1"));
    EXPECT_TRUE(mergeKubeconfig("clusters: null\n", ours, "keelson-dev"));
    for (const auto* strange : {"- a list", "kind: Pod\n", "clusters: {a: b}\n", "text", "a: [unclosed"})
        EXPECT_FALSE(mergeKubeconfig(strange, ours, "keelson-dev")) << strange;
}

TEST(WritePrivateFile, leavesWhatWasThereWhenTheDiskIsFull)
{
    if (::geteuid() != 0)
        GTEST_SKIP() << "it mounts a file system";
    const support::SmallDisk disk(64);
    ASSERT_TRUE(disk.mounted());
    const auto path = QString::fromStdString((disk.path() / "config").string());
    ASSERT_TRUE(writePrivateFile(path, "as it was"));
    support::writeFile(disk.path() / "filler", std::string(std::size_t{1} << 20, 'x'));
    const auto refused = writePrivateFile(path, "as it is to be");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "cannot write " + path.toStdString() + ": No space left on device");
    EXPECT_EQ(support::readFile(disk.path() / "config"), "as it was");
    std::filesystem::remove(disk.path() / "filler");
    EXPECT_TRUE(writePrivateFile(path, "as it is to be"));
    EXPECT_EQ(support::readFile(disk.path() / "config"), "as it is to be");
}

TEST(HostCleanup, knowsTheNodesTablesAndRules)
{
    EXPECT_EQ(
        tablesOfNode("table ip nat\ntable ip keelson-keelson-dev-worker-0\ntable ip keelson-keelson-dev-worker-10\n"
                     "table inet keelson-x-dev-worker-0\n",
                     "dev-worker-0"),
        QStringList{"keelson-keelson-dev-worker-0"});
    const auto deletions = deletionsOfNode(
        "-N DOCKER-USER\n"
        "-A DOCKER-USER -s 10.244.0.0/16 -d 10.244.1.0/24 -m comment --comment keelson-keelson-dev-worker-0 -j ACCEPT\n"
        "-A DOCKER-USER -d 10.244.2.0/24 -m comment --comment keelson-keelson-dev-worker-1 -j ACCEPT\n"
        "-A DOCKER-USER -j RETURN\n",
        "dev-worker-0");
    ASSERT_EQ(deletions.size(), 1);
    EXPECT_EQ(deletions[0].join(' '), "-D DOCKER-USER -s 10.244.0.0/16 -d 10.244.1.0/24 -m comment --comment "
                                      "keelson-keelson-dev-worker-0 -j ACCEPT");
}

TEST(HostCleanup, knowsTheMountsBelowAFolder)
{
    const auto mounts = mountsBelow("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
                                    "90 22 0:5 / /data/dev/n0/pods/u/volumes/key rw - tmpfs tmpfs rw\n"
                                    "91 90 0:6 / /data/dev/n0/pods/u/volumes/key/in\\040side rw - tmpfs tmpfs rw\n"
                                    "92 22 0:7 / /data/dev2/x rw - tmpfs tmpfs rw\n",
                                    "/data/dev");
    EXPECT_EQ(mounts.join('|').toStdString(),
              "/data/dev/n0/pods/u/volumes/key/in side|/data/dev/n0/pods/u/volumes/key");
}

TEST(LastWords, areTheMessageOfTheLastLineOfThisRun)
{
    const struct {
        const char* earlier;
        const char* now;
        const char* words;
    } cases[] = {
        {"", "", ""},
        {"old\n", "", ""},
        {"time=\"t\" level=error msg=\"old\"\n", "first\nfailed to start daemon: no \"x\"\n",
         "failed to start daemon: no \"x\""},
        {"", "time=\"2026-01-01T00:00:00Z\" level=fatal msg=\"cannot \\\"mount\\\" it\"\n", "cannot \"mount\" it"},
        {"", "2026-01-31T12:00:00.123Z error agent: no disk\n", "agent: no disk"},
    };
    for (const auto& [earlier, now, words] : cases) {
        QTemporaryFile log;
        ASSERT_TRUE(log.open());
        log.write(earlier);
        const auto begins = log.size();
        log.write(now);
        log.close();
        EXPECT_EQ(lastWords(log.fileName(), begins).toStdString(), words);
    }
}

TEST(StartDetached, givesTheProgramNoneOfTheCallersDescriptors)
{
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const auto started = startDetached({"/bin/sleep", {"60"}, "/", "/dev/null"});
    ASSERT_TRUE(started) << started.error().message;
    ::close(ends[1]);
    pollfd reader{.fd = ends[0], .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&reader, 1, 10'000), 1) << "the program holds the other end";
    EXPECT_TRUE(isAlive(*started));
    ::kill(static_cast<pid_t>(started->pid), SIGKILL);
    ::close(ends[0]);
    EXPECT_FALSE(startDetached({"/dev/null", {}, "/", "/dev/null"})) << "and a failed start is still told";
}

TEST(HttpAnswer, readsPlainAndChunkedBodies)
{
    EXPECT_EQ(readHttpAnswer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")->body, "ok");
    EXPECT_EQ(
        readHttpAnswer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n")->body,
        "abcde");
    EXPECT_EQ(readHttpAnswer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc")->body, "");
    EXPECT_FALSE(readHttpAnswer("SSH-2.0\r\n"));
}

} // namespace
} // namespace keelson::localcluster
