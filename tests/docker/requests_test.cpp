// SPDX-License-Identifier: Apache-2.0
#include "docker/requests.h"

#include "docker/engine.h"
#include "docker/frames.h"
#include "docker/reports.h"
#include "docker/sandbox_image.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <cstring>
#include <fmt/format.h>

namespace keelson::docker {
namespace {

TEST(PullQuery, alwaysNamesOneImage)
{
    const struct {
        const char* image;
        const char* query;
    } cases[] = {
        {"busybox", "fromImage=busybox&tag=latest"},
        {"busybox:1.36", "fromImage=busybox&tag=1.36"},
        {"127.0.0.1:5000/a/b", "fromImage=127.0.0.1%3A5000%2Fa%2Fb&tag=latest"},
        {"127.0.0.1:5000/a/b:2", "fromImage=127.0.0.1%3A5000%2Fa%2Fb&tag=2"},
        {"a/b@sha256:12", "fromImage=a%2Fb&tag=sha256%3A12"},
    };
    for (const auto& each : cases)
        EXPECT_EQ(pullQuery(each.image), each.query) << each.image;
}

TEST(RegistryAuth, isBase64UrlOfJson)
{
    EXPECT_EQ(registryAuth({.userName = "u", .password = "p", .server = "s"}),
              "eyJ1c2VybmFtZSI6InUiLCJwYXNzd29yZCI6InAiLCJzZXJ2ZXJhZGRyZXNzIjoicyJ9");
    EXPECT_EQ(registryAuth({.userName = "u", .password = "pp", .server = "s"}),
              "eyJ1c2VybmFtZSI6InUiLCJwYXNzd29yZCI6InBwIiwic2VydmVyYWRkcmVzcyI6InMifQ==");
}

TEST(LogsQuery, saysWhatIsWanted)
{
    constexpr WallTime now{std::chrono::milliseconds{1'000'250}};
    EXPECT_EQ(logsQuery({}, now), "stdout=1&stderr=1&follow=0&timestamps=0");
    EXPECT_EQ(logsQuery({.follow = true, .tailLines = 5, .sinceSeconds = 60}, now),
              "stdout=1&stderr=1&follow=1&timestamps=0&tail=5&since=940.250000000");
    EXPECT_EQ(logsQuery({.sinceSeconds = INT64_MAX}, now), "stdout=1&stderr=1&follow=0&timestamps=0&since=0.250000000");
    EXPECT_EQ(logsQuery({.sinceTime = WallTime{std::chrono::milliseconds{1500}}}, now),
              "stdout=1&stderr=1&follow=0&timestamps=0&since=1.500000000");
}

TEST(ContainerRequest, carriesLimitsAndLabels)
{
    containers::ContainerSpec spec;
    spec.pod = {.nameSpace = "ns", .name = "p", .uid = "u"};
    spec.name = "c";
    spec.attempt = 2;
    spec.image = "busybox";
    spec.environment = {{"A", "1"}};
    spec.mounts = {{.source = "/host", .target = "/in", .readOnly = true}};
    spec.cpuLimitMilli = 250;
    spec.memoryLimitBytes = 1024;
    spec.runAsUser = 1000;
    spec.runAsGroup = 2000;
    spec.dropCapabilities = {"ALL"};
    spec.openStdin = spec.stdinOnce = true;
    const auto request = containerRequest({"c1", "n1"}, "box", spec);
    EXPECT_EQ(textAt(request, {"HostConfig", "NetworkMode"}), "container:box");
    EXPECT_EQ(textAt(request, {"HostConfig", "IpcMode"}), "container:box");
    EXPECT_EQ(numberAt(request, {"HostConfig", "CpuQuota"}), 25'000);
    EXPECT_EQ(numberAt(request, {"HostConfig", "MemorySwap"}), 1024);
    EXPECT_EQ(textAt(request, {"User"}), "1000:2000");
    EXPECT_EQ(textAt(request, {"Labels", "io.keelson.node"}), "n1");
    EXPECT_EQ(textAt(request, {"Labels", "io.keelson.cluster"}), "c1");
    EXPECT_EQ(textAt(request, {"Labels", "io.keelson.attempt"}), "2");
    EXPECT_EQ(boost::json::serialize(request.at("Env")), R"(["A=1"])");
    EXPECT_EQ(request.as_object().if_contains("Entrypoint"), nullptr) << "the image's own";
    EXPECT_TRUE(request.at("HostConfig").at("Mounts").at(0).at("ReadOnly").as_bool());
    EXPECT_TRUE(request.at("StdinOnce").as_bool());
    EXPECT_EQ(containerName(spec), "keelson_c_p_ns_u_2");
}

TEST(ContainerRequest, saysHowMountsPropagate)
{
    const auto options = [](containers::Propagation propagation) {
        containers::ContainerSpec spec;
        spec.mounts = {{.source = "/", .target = "/host", .propagation = propagation}};
        const auto request = containerRequest({"c1", "n1"}, "box", spec);
        return boost::json::serialize(request.at("HostConfig").at("Mounts").at(0).at("BindOptions"));
    };
    EXPECT_EQ(options(containers::Propagation::None), "{}") << "the engine refuses private mounts of its own folder";
    EXPECT_EQ(options(containers::Propagation::HostToContainer), R"({"Propagation":"rslave"})");
    EXPECT_EQ(options(containers::Propagation::Bidirectional), R"({"Propagation":"rshared"})");
}

TEST(ContainerRequest, saysWhoseProcessesItSees)
{
    const auto pidMode = [](containers::ProcessNamespace processes, const std::string& of) {
        containers::ContainerSpec spec;
        spec.processes = processes;
        spec.processesOf = of;
        const auto request = containerRequest({"c1", "n1"}, "box", spec);
        return std::string(textAt(request, {"HostConfig", "PidMode"}));
    };
    EXPECT_EQ(pidMode(containers::ProcessNamespace::Own, ""), "");
    EXPECT_EQ(pidMode(containers::ProcessNamespace::Sandbox, ""), "container:box");
    EXPECT_EQ(pidMode(containers::ProcessNamespace::Host, ""), "host");
    EXPECT_EQ(pidMode(containers::ProcessNamespace::Own, "other"), "container:other");
}

TEST(ContainerRequest, carriesUsersAndProfiles)
{
    containers::ContainerSpec spec;
    const auto made = [&] { return containerRequest({"c1", "n1"}, "box", spec); };
    EXPECT_EQ(made().as_object().if_contains("User"), nullptr) << "the image's own";
    EXPECT_EQ(made().at("HostConfig").as_object().if_contains("SecurityOpt"), nullptr) << "the engine's own";
    spec.runAsGroup = 3;
    EXPECT_EQ(textAt(made(), {"User"}), "0:3");
    spec.imageUser = "app";
    EXPECT_EQ(textAt(made(), {"User"}), "app:3") << "a group alone makes nobody root";
    spec.noNewPrivileges = true;
    spec.seccomp = "unconfined";
    spec.appArmor = "strict";
    EXPECT_EQ(boost::json::serialize(made().at("HostConfig").at("SecurityOpt")),
              R"(["no-new-privileges","seccomp=unconfined","apparmor=strict"])");
}

TEST(SandboxRequest, opensHostPortsAndNamesHosts)
{
    containers::SandboxSpec spec;
    spec.hostName = "web";
    spec.network = "keelson-n1";
    spec.ports = {{.containerPort = 80, .hostPort = 8080}, {.containerPort = 81}};
    spec.hostAliases = {{"10.0.0.1", "db"}};
    const auto request = sandboxRequest({"c1", "n1"}, spec);
    EXPECT_EQ(textAt(request, {"HostConfig", "NetworkMode"}), "keelson-n1");
    EXPECT_EQ(boost::json::serialize(request.at("HostConfig").at("PortBindings")),
              R"({"80/tcp":[{"HostIp":"","HostPort":"8080"}]})");
    EXPECT_EQ(boost::json::serialize(request.at("HostConfig").at("ExtraHosts")), R"(["db:10.0.0.1"])");

    spec.hostNetwork = true;
    const auto onHost = sandboxRequest({"c1", "n1"}, spec);
    EXPECT_EQ(textAt(onHost, {"HostConfig", "NetworkMode"}), "host");
    EXPECT_EQ(onHost.as_object().if_contains("Hostname"), nullptr);
}

TEST(ResolverText, hasServersSearchesAndOptions)
{
    containers::SandboxSpec spec;
    spec.dnsServers = {"10.96.0.10"};
    spec.dnsSearches = {"default.svc.cluster.local", "svc.cluster.local"};
    spec.dnsOptions = {"ndots:5"};
    EXPECT_EQ(resolverText(spec),
              "nameserver 10.96.0.10\nsearch default.svc.cluster.local svc.cluster.local\noptions ndots:5\n");
}

TEST(InspectReport, readsAnExitedContainer)
{
    const auto info = containerFromInspect(boost::json::parse(R"({
        "Id": "abc", "Created": "2026-01-31T12:00:00.5Z", "Image": "sha256:1",
        "State": {"Status": "exited", "ExitCode": 137, "OOMKilled": true, "StartedAt": "2026-01-31T12:00:01Z",
                  "FinishedAt": "2026-01-31T12:00:02Z"},
        "Config": {"Image": "busybox", "Labels": {"io.keelson.kind": "container", "io.keelson.attempt": "3",
                   "io.kubernetes.pod.uid": "u", "io.keelson.annotation.backoff": "10", "other": "x"}}})"));
    EXPECT_EQ(info.id, "abc");
    EXPECT_EQ(info.state, containers::ContainerState::Exited);
    EXPECT_EQ(info.exitCode, 137);
    EXPECT_TRUE(info.oomKilled);
    EXPECT_EQ(info.attempt, 3);
    EXPECT_EQ(info.pod.uid, "u");
    EXPECT_EQ(formatTime(*info.finishedAt), "2026-01-31T12:00:02Z");
    EXPECT_EQ(info.annotations, (std::map<std::string, std::string>{{"backoff", "10"}}));
}

TEST(InspectReport, knowsNever)
{
    const auto info = containerFromInspect(boost::json::parse(R"({
        "State": {"Status": "created", "StartedAt": "0001-01-01T00:00:00Z", "FinishedAt": "0001-01-01T00:00:00Z"}})"));
    EXPECT_EQ(info.state, containers::ContainerState::Created);
    EXPECT_FALSE(info.startedAt);
    EXPECT_FALSE(info.finishedAt);
}

TEST(ImagesReport, passesOverWhatHasNoName)
{
    const auto images = imagesFromList(boost::json::parse(R"([
        {"Id": "sha256:1", "RepoTags": ["web:1", "web:latest"], "RepoDigests": ["web@sha256:12"], "Size": 7000000000},
        {"Id": "sha256:2", "RepoTags": ["<none>:<none>"], "RepoDigests": ["<none>@<none>"], "Size": 3},
        {"Id": "sha256:3", "RepoTags": null, "RepoDigests": ["old@sha256:34"], "Size": 2}])"));
    ASSERT_EQ(images.size(), 2U);
    EXPECT_EQ(images[0].names, (std::vector<std::string>{"web@sha256:12", "web:1", "web:latest"}));
    EXPECT_EQ(images[0].sizeBytes, 7'000'000'000);
    EXPECT_EQ(images[1].names, std::vector<std::string>{"old@sha256:34"});
}

TEST(StatsReport, leavesOutTheFileCache)
{
    const auto stats = statsFromReply(boost::json::parse(
        R"({"cpu_stats": {"cpu_usage": {"total_usage": 5}}, "memory_stats": {"usage": 100, "stats": {"total_inactive_file": 30}}})"));
    EXPECT_EQ(stats.cpuNanoseconds, 5U);
    EXPECT_EQ(stats.memoryWorkingSetBytes, 70U);
}

TEST(FrameReader, takesBytesInAnyPieces)
{
    const std::string stream = std::string("\1\0\0\0\0\0\0\3abc", 11) + std::string("\2\0\0\0\0\0\0\2de", 10);
    for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
        FrameReader reader;
        std::string output;
        std::string error;
        for (std::size_t at = 0; at < stream.size(); at += piece) {
            reader.feed(std::string_view(stream).substr(at, piece), [&](auto channel, auto bytes) {
                (channel == containers::StreamHandler::Channel::Error ? error : output) += bytes;
            });
        }
        EXPECT_EQ(output + "|" + error, "abc|de") << piece;
    }
}

Result<std::string> readReply(std::string text, std::size_t piece)
{
    HttpReply reply([text = std::move(text), at = std::size_t{0}, piece](char* into, std::size_t size) mutable {
        const auto count = std::min({piece, size, text.size() - at});
        std::memcpy(into, text.data() + at, count);
        at += count;
        return Result<std::size_t>(count);
    });
    TRY_ASSIGN(const auto head, reply.readHead());
    TRY_ASSIGN(const auto body, reply.readAll(1000));
    return fmt::format("{} {}", head.status, body);
}

TEST(HttpReply, readsEveryKindOfBody)
{
    const struct {
        const char* text;
        const char* read;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "200 abc"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", "200 abcde"},
        {"HTTP/1.0 404 Not Found\r\n\r\nuntil the end", "404 until the end"},
        {"HTTP/1.1 204 No Content\r\n\r\n", "204 "},
    };
    for (const auto& each : cases) {
        for (const std::size_t piece : {1, 2, 7, 1000})
            EXPECT_EQ(readReply(each.text, piece).value_or("failed"), each.read);
    }
}

TEST(HttpReply, refusesWhatIsBroken)
{
    for (const auto* text : {"", "SMTP\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                             "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"}) {
        const auto read = readReply(text, 5);
        ASSERT_FALSE(read.has_value()) << text;
        EXPECT_EQ(read.error().reason, Reason::ServiceUnavailable);
    }
}

TEST(EngineAddress, knowsItsForms)
{
    EXPECT_EQ(EngineAddress::parse("unix:///run/d.sock")->socketPath, "/run/d.sock");
    EXPECT_EQ(EngineAddress::parse("tcp://127.0.0.1:2375")->port, 2375);
    for (const auto* text :
         {"", "unix://", "tcp://host", "tcp://:1", "tcp://h:0", "tcp://h:99999", "/var/run/docker.sock"})
        EXPECT_FALSE(EngineAddress::parse(text)) << text;
}

TEST(Engine, namesTheAddressWhereNobodyAnswers)
{
    const Engine engine(*EngineAddress::parse("unix:///nonexistent/docker.sock"));
    const auto reply = engine.get("/info");
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().reason, Reason::ServiceUnavailable);
    EXPECT_NE(reply.error().message.find("unix:///nonexistent/docker.sock"), std::string::npos);
    EXPECT_NE(reply.error().message.find("--docker-host"), std::string::npos);
}

TEST(ProgressError, prefersTheDetail)
{
    EXPECT_EQ(progressError(boost::json::parse(R"({"status": "Pulling"})")), "");
    EXPECT_EQ(progressError(boost::json::parse(R"({"errorDetail": {"message": "why"}, "error": "short"})")), "why");
    EXPECT_EQ(progressError(boost::json::parse(R"({"error": "short"})")), "short");
}

TEST(SandboxLayer, isATarWithTheProgram)
{
    EXPECT_EQ(sandboxArchive(), sandboxArchive()) << "agents that load it at once make one image";
    const auto layer = sandboxLayer();
    EXPECT_EQ(layer.size() % 512, 0U);
    EXPECT_EQ(layer.substr(0, 5), "pause");
    EXPECT_EQ(layer.substr(257, 5), "ustar");
    EXPECT_EQ(layer.substr(512, 4), "\177ELF");
}

} // namespace
} // namespace keelson::docker
