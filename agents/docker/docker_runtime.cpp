// SPDX-License-Identifier: Apache-2.0
#include "docker/docker_runtime.h"

#include "base/log.h"
#include "docker/docker_stream.h"
#include "docker/host_processes.h"
#include "docker/reports.h"
#include "docker/requests.h"
#include "docker/sandbox_image.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <regex>

namespace keelson::docker {
namespace {

namespace json = boost::json;
using containers::ContainerInfo;
using containers::ContainerSpec;
using containers::ContainerState;
using containers::SandboxSpec;

constexpr Milliseconds pullSilence{300'000};

/// A taken host port comes as an internal error; the engine's words say which port.
Error startFailure(Error error)
{
    static const std::regex taken("Bind for ([^ ]+) failed: port is already allocated|listen (?:tcp4?|udp4?|tcp6|udp6) "
                                  "([^ ]+): bind: address already in use");
    std::smatch match;
    if (std::regex_search(error.message, match, taken)) {
        const auto port = match[1].matched ? match[1].str() : match[2].str();
        return makeError(Reason::Conflict, fmt::format("host port {} is taken", port));
    }
    return error;
}

/// The engine offers resolv.conf with its own forwarder in front, which knows nothing of the cluster. The file is ours
/// to write where engine and agent share a file system; elsewhere the forwarder asks our servers.
void writeResolver(const json::value& inspected, const SandboxSpec& spec)
{
    if (spec.dnsServers.empty())
        return;
    const std::filesystem::path path(textAt(inspected, {"ResolvConfPath"}));
    std::error_code error;
    if (path.empty() || !std::filesystem::exists(path, error))
        return;
    std::ofstream(path, std::ios::trunc) << resolverText(spec);
}

/// Nobody listens to the exec any more: its process must not go on. One that is just being started is waited for.
void endExec(const Engine& engine, const std::string& exec, const std::string& containerId)
{
    constexpr int looksMax = 200; // of about a millisecond each
    for (int look = 0; look < looksMax; ++look) {
        const auto state = engine.get(fmt::format("/exec/{}/json", exec));
        if (!state)
            return; // the container is gone, and its processes with it
        const auto process = static_cast<int>(numberAt(*state, {"Pid"}));
        if (truthAt(*state, {"Running"}) && process > 0) {
            const auto killed = killSession(process, containerId);
            log::debug("docker", "an exec in {} was cut off: {} processes killed", containerId, killed);
            return;
        }
        const auto* const code = state->is_object() ? state->as_object().if_contains("ExitCode") : nullptr;
        if (code != nullptr && !code->is_null())
            return; // it has ended
    }
}

std::string query(std::string_view name, const json::value& value)
{
    return fmt::format("{}={}", name, percentEncoded(json::serialize(value)));
}

} // namespace

DockerRuntime::DockerRuntime(EngineAddress address, Owner owner, const Clock& clock)
    : m_engine(std::move(address)), m_owner(std::move(owner)), m_clock(clock)
{
}

DockerRuntime::~DockerRuntime()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_stopping = true;
        if (m_eventConnection)
            m_eventConnection->abort();
    }
    m_wake.notify_all();
    if (m_events.joinable())
        m_events.join();
}

Result<containers::RuntimeInfo> DockerRuntime::info()
{
    TRY_ASSIGN(const auto reply, m_engine.get("/info"));
    return runtimeFromInfo(reply);
}

Result<std::vector<ContainerInfo>> DockerRuntime::list()
{
    const json::value filters = {{"label", ownerFilter(m_owner)}};
    TRY_ASSIGN(const auto reply, m_engine.get("/containers/json?all=1&" + query("filters", filters)));
    std::vector<ContainerInfo> all;
    if (!reply.is_array())
        return all;
    for (const auto& each : reply.as_array()) {
        const std::string id(textAt(each, {"Id"}));
        std::uint64_t changes = 0;
        {
            const std::scoped_lock lock(m_mutex);
            changes = m_changes;
            const auto known = m_known.find(id);
            if (m_following && known != m_known.end()) {
                all.push_back(known->second);
                continue;
            }
        }
        auto info = inspect(id);
        if (!info && info.error().reason == Reason::NotFound)
            continue; // removed meanwhile
        if (!info)
            return fail(info.error());
        const std::scoped_lock lock(m_mutex);
        if (m_following && changes == m_changes)
            m_known[id] = *info;
        all.push_back(*std::move(info));
    }
    return all;
}

Result<ContainerInfo> DockerRuntime::inspect(const std::string& id)
{
    TRY_ASSIGN(const auto reply, m_engine.get(fmt::format("/containers/{}/json", percentEncoded(id))));
    return containerFromInspect(reply);
}

Result<Done> DockerRuntime::ensureSandboxImage()
{
    const auto image = fmt::format("{}:{}", sandboxRepository, sandboxTag);
    const auto present = imageId(image);
    if (present)
        return Done{};
    if (present.error().reason != Reason::NotFound)
        return fail(present.error());
    return m_engine.progress({.method = "POST",
                              .target = "/images/load?quiet=1",
                              .contentType = "application/x-tar",
                              .body = sandboxArchive()},
                             Engine::defaultSilence);
}

Result<std::string> DockerRuntime::create(const std::string& name, const json::value& body)
{
    const auto target = "/containers/create?name=" + percentEncoded(name);
    auto reply = m_engine.post(target, body);
    if (!reply && reply.error().reason == Reason::Conflict) {
        // The name is taken: by what an earlier attempt of ours left, which nobody knows of.
        const auto holder = inspect(name);
        if (holder && holder->state != ContainerState::Running) {
            TRY_OK(removeContainer(holder->id));
            reply = m_engine.post(target, body);
        }
    }
    if (!reply)
        return fail(reply.error());
    return std::string(textAt(*reply, {"Id"}));
}

Result<ContainerInfo> DockerRuntime::startSandbox(const SandboxSpec& spec)
{
    TRY_OK(ensureSandboxImage());
    TRY_ASSIGN(const auto id, create(sandboxName(spec), sandboxRequest(m_owner, spec)));
    const auto started = startContainer(id);
    if (!started) {
        static_cast<void>(removeContainer(id)); // the start's failure is the one to tell
        return fail(started.error());
    }
    TRY_ASSIGN(const auto inspected, m_engine.get(fmt::format("/containers/{}/json", id)));
    writeResolver(inspected, spec);
    return containerFromInspect(inspected);
}

Result<std::string> DockerRuntime::createContainer(const std::string& sandboxId, const ContainerSpec& spec)
{
    return create(containerName(spec), containerRequest(m_owner, sandboxId, spec));
}

Result<Done> DockerRuntime::startContainer(const std::string& id)
{
    const auto started = m_engine.post(fmt::format("/containers/{}/start", id));
    forget(id);
    if (!started)
        return fail(startFailure(started.error()));
    return Done{};
}

Result<Done> DockerRuntime::stopContainer(const std::string& id, std::chrono::seconds grace)
{
    const auto stopped = m_engine.post(fmt::format("/containers/{}/stop?t={}", id, grace.count()), nullptr,
                                       Engine::defaultSilence + grace);
    forget(id);
    if (!stopped && stopped.error().reason != Reason::NotFound)
        return fail(stopped.error());
    return Done{};
}

Result<Done> DockerRuntime::removeContainer(const std::string& id)
{
    auto removed = m_engine.remove(fmt::format("/containers/{}?force=1&v=1", percentEncoded(id)));
    forget(id);
    const bool underWay = !removed && removed.error().reason == Reason::Conflict; // somebody else removes it
    if (!removed && removed.error().reason != Reason::NotFound && !underWay)
        return fail(removed.error());
    return Done{};
}

Result<std::vector<containers::ImageInfo>> DockerRuntime::images()
{
    TRY_ASSIGN(const auto reply, m_engine.get("/images/json"));
    return imagesFromList(reply);
}

Result<std::string> DockerRuntime::imageId(const std::string& image)
{
    const auto reply = m_engine.get(fmt::format("/images/{}/json", image));
    if (reply)
        return std::string(textAt(*reply, {"Id"}));
    auto error = reply.error();
    if (error.reason == Reason::BadRequest) { // "no such image", the engine begins, but no image can have that name
        const auto why = error.message.find("invalid reference format");
        error.message = fmt::format("couldn't parse image name \"{}\": {}", image,
                                    error.message.substr(why == std::string::npos ? 0 : why));
    }
    return fail(std::move(error));
}

Result<std::string> DockerRuntime::imageUser(const std::string& image)
{
    TRY_ASSIGN(const auto reply, m_engine.get(fmt::format("/images/{}/json", image)));
    const auto user = textAt(reply, {"Config", "User"});
    return std::string(user.substr(0, user.find(':')));
}

Result<std::string> DockerRuntime::pullImage(const std::string& image,
                                             const std::optional<containers::RegistryCredentials>& credentials)
{
    HttpRequest request{.method = "POST", .target = "/images/create?" + pullQuery(image)};
    if (credentials)
        request.registryAuth = registryAuth(*credentials);
    TRY_OK(m_engine.progress(std::move(request), pullSilence));
    return imageId(image);
}

Result<bool> DockerRuntime::terminalOf(const std::string& id)
{
    TRY_ASSIGN(const auto reply, m_engine.get(fmt::format("/containers/{}/json", id)));
    return truthAt(reply, {"Config", "Tty"});
}

Result<std::unique_ptr<containers::Stream>>
DockerRuntime::logs(const std::string& id, const containers::LogOptions& options, containers::StreamHandler handler)
{
    TRY_ASSIGN(const bool terminal, terminalOf(id));
    StreamPlan plan;
    TRY_ASSIGN(plan.call, m_engine.open({.method = "GET",
                                         .target = fmt::format("/containers/{}/logs?{}", id,
                                                               logsQuery(options, m_clock.wall()))}));
    plan.raw = terminal;
    plan.limitBytes = options.limitBytes;
    return startStream(std::move(plan), std::move(handler));
}

Result<std::unique_ptr<containers::Stream>>
DockerRuntime::exec(const std::string& id, const containers::ExecOptions& options, containers::StreamHandler handler)
{
    json::array command;
    for (const auto& each : options.command)
        command.emplace_back(each);
    TRY_ASSIGN(const auto made,
               m_engine.post(fmt::format("/containers/{}/exec", id), json::object{{"AttachStdin", options.input},
                                                                                  {"AttachStdout", true},
                                                                                  {"AttachStderr", true},
                                                                                  {"Tty", options.terminal},
                                                                                  {"Cmd", std::move(command)}}));
    const std::string exec(textAt(made, {"Id"}));
    StreamPlan plan;
    TRY_ASSIGN(plan.call,
               m_engine.open({.method = "POST",
                              .target = fmt::format("/exec/{}/start", exec),
                              .contentType = "application/json",
                              .body = json::serialize(json::object{{"Detach", false}, {"Tty", options.terminal}}),
                              .upgrade = true}));
    plan.raw = options.terminal;
    plan.hijacked = true;
    plan.exitCode = [engine = m_engine, exec]() -> Result<int> {
        TRY_ASSIGN(const auto state, engine.get(fmt::format("/exec/{}/json", exec)));
        return static_cast<int>(numberAt(state, {"ExitCode"}));
    };
    plan.resize = [engine = m_engine, exec](int columns, int rows) {
        // A refused resize (the command has just ended) changes nothing.
        static_cast<void>(engine.post(fmt::format("/exec/{}/resize?h={}&w={}", exec, rows, columns)));
    };
    plan.abandoned = [engine = m_engine, exec, id] { endExec(engine, exec, id); };
    return startStream(std::move(plan), std::move(handler));
}

Result<std::unique_ptr<containers::Stream>>
DockerRuntime::attach(const std::string& id, const containers::ExecOptions& options, containers::StreamHandler handler)
{
    TRY_ASSIGN(const bool terminal, terminalOf(id));
    StreamPlan plan;
    TRY_ASSIGN(plan.call,
               m_engine.open({.method = "POST",
                              .target = fmt::format("/containers/{}/attach?stream=1&stdout=1&stderr=1&stdin={}", id,
                                                    options.input ? 1 : 0),
                              .upgrade = true}));
    plan.raw = terminal;
    plan.hijacked = true;
    plan.exitCode = [engine = m_engine, id]() -> Result<int> {
        TRY_ASSIGN(const auto state, engine.get(fmt::format("/containers/{}/json", id)));
        return static_cast<int>(numberAt(state, {"State", "ExitCode"}));
    };
    plan.resize = [engine = m_engine, id](int columns, int rows) {
        static_cast<void>(engine.post(fmt::format("/containers/{}/resize?h={}&w={}", id, rows, columns)));
    };
    return startStream(std::move(plan), std::move(handler));
}

Result<containers::OpenFile> DockerRuntime::networkOf(const std::string& sandboxId)
{
    TRY_ASSIGN(const auto reply, m_engine.get(fmt::format("/containers/{}/json", sandboxId)));
    const auto process = numberAt(reply, {"State", "Pid"});
    if (process <= 0)
        return fail(Reason::ServiceUnavailable, "the pod's sandbox does not run");
    return docker::networkOf(static_cast<int>(process), sandboxId);
}

Result<containers::ContainerStats> DockerRuntime::stats(const std::string& id)
{
    TRY_ASSIGN(const auto reply, m_engine.get(fmt::format("/containers/{}/stats?stream=false&one-shot=true", id)));
    return statsFromReply(reply);
}

void DockerRuntime::forget(const std::string& id)
{
    const std::scoped_lock lock(m_mutex);
    ++m_changes;
    m_known.erase(id);
}

} // namespace keelson::docker
