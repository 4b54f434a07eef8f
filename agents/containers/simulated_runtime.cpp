// SPDX-License-Identifier: Apache-2.0
#include "containers/simulated_runtime.h"

#include "containers/simulated_script.h"

#include <fmt/format.h>

#include <charconv>

namespace keelson::containers {
namespace {

constexpr int killedExitCode = 137;
constexpr int stoppedExitCode = 143;

/// Plays what a script wrote; ends at once, or with its input where it reads that.
class SimulatedStream : public Stream {
public:
    SimulatedStream(StreamHandler handler, const ScriptRun& run, bool waits)
        : m_handler(std::move(handler)), m_exitCode(run.exitCode.value_or(0)), m_open(waits || run.readsInput)
    {
        for (const auto& [channel, text] : run.output)
            m_handler.data(channel, text);
        if (!m_open)
            m_handler.ended(m_exitCode);
    }

    void write(std::string_view bytes) override
    {
        if (m_open)
            m_handler.data(StreamHandler::Channel::Output, bytes);
    }
    void closeInput() override
    {
        if (!m_open)
            return;
        m_open = false;
        m_handler.ended(m_exitCode);
    }
    void resize(int, int) override {}

private:
    StreamHandler m_handler;
    int m_exitCode;
    bool m_open;
};

struct AddressRange {
    std::uint32_t base = 0;
    std::uint32_t size = 0;
};

AddressRange parseRange(std::string_view cidr)
{
    std::uint32_t address = 0;
    const char* at = cidr.data();
    const char* const end = cidr.data() + cidr.size();
    for (int i = 0; i < 4; ++i) {
        unsigned part = 0;
        at = std::from_chars(at, end, part).ptr;
        address = address << 8U | (part & 255U);
        if (at != end)
            ++at; // the dot, or the slash
    }
    unsigned bits = 24;
    std::from_chars(at, end, bits);
    return {.base = address, .size = bits == 0 || bits > 30 ? 254U : (1U << (32U - bits)) - 2U};
}

std::vector<std::string> commandOf(const ContainerSpec& spec)
{
    auto command = spec.command;
    command.insert(command.end(), spec.arguments.begin(), spec.arguments.end());
    return command;
}

} // namespace

SimulatedRuntime::SimulatedRuntime(const Clock& clock, Options options) : m_clock(clock), m_options(std::move(options))
{
}

void SimulatedRuntime::setAddresses(const std::string& cidr)
{
    const std::scoped_lock lock(m_mutex);
    if (m_options.addresses == cidr)
        return;
    m_options.addresses = cidr;
    m_lastAddress = 1;
}

void SimulatedRuntime::failPulls(const std::string& image, const std::string& reason)
{
    const std::scoped_lock lock(m_mutex);
    m_pullFailures[image] = reason;
    if (!reason.empty())
        m_images.erase(image);
}

void SimulatedRuntime::setImagesPresent(bool present)
{
    const std::scoped_lock lock(m_mutex);
    m_imagesPresent = present;
}

void SimulatedRuntime::failStarts(const std::string& container, const std::string& message)
{
    const std::scoped_lock lock(m_mutex);
    m_startFailures[container] = message;
}

bool SimulatedRuntime::crash(const std::string& pod, const std::string& container, int exitCode)
{
    bool found = false;
    {
        const std::scoped_lock lock(m_mutex);
        for (auto& [id, each] : m_containers) {
            settle(each);
            if (each.info.pod.name != pod || each.info.name != container || each.info.state != ContainerState::Running)
                continue;
            each.info.state = ContainerState::Exited;
            each.info.exitCode = exitCode;
            each.info.finishedAt = m_clock.wall();
            found = true;
        }
    }
    if (found)
        announce();
    return found;
}

void SimulatedRuntime::setAway(bool away)
{
    const std::scoped_lock lock(m_mutex);
    m_away = away;
}

void SimulatedRuntime::killAll()
{
    {
        const std::scoped_lock lock(m_mutex);
        for (auto& [id, each] : m_containers) {
            settle(each);
            if (each.info.state != ContainerState::Running)
                continue;
            each.info.state = ContainerState::Exited;
            each.info.exitCode = killedExitCode;
            each.info.finishedAt = m_clock.wall();
        }
    }
    announce();
}

Result<Done> SimulatedRuntime::reachable() const
{
    if (m_away)
        return fail(Reason::ServiceUnavailable, "no container engine answers at simulated://: it is away");
    return Done{};
}

Result<SimulatedRuntime::Simulated*> SimulatedRuntime::lookUp(const std::string& id)
{
    TRY_OK(reachable());
    const auto found = m_containers.find(id);
    if (found == m_containers.end())
        return fail(Reason::NotFound, fmt::format("No such container: {}", id));
    settle(found->second);
    return &found->second;
}

Result<SimulatedRuntime::Simulated*> SimulatedRuntime::running(const std::string& id)
{
    TRY_ASSIGN(auto* const found, lookUp(id));
    if (found->info.state != ContainerState::Running)
        return fail(Reason::Conflict, fmt::format("container {} is not running", id));
    return found;
}

void SimulatedRuntime::settle(Simulated& container) const
{
    if (container.info.state != ContainerState::Running || !container.endsAt || *container.endsAt > m_clock.wall())
        return;
    container.info.state = ContainerState::Exited;
    container.info.exitCode = container.endsWith;
    container.info.finishedAt = container.endsAt;
}

void SimulatedRuntime::announce()
{
    std::function<void()> changed;
    {
        const std::scoped_lock lock(m_mutex);
        changed = m_changed;
    }
    if (changed)
        changed();
}

std::string SimulatedRuntime::nextId()
{
    return fmt::format("{:064x}", ++m_lastId);
}

std::string SimulatedRuntime::nextAddress()
{
    const auto range = parseRange(m_options.addresses);
    const auto address = range.base + 1 + m_lastAddress++ % range.size;
    return fmt::format("{}.{}.{}.{}", address >> 24U, address >> 16U & 255U, address >> 8U & 255U, address & 255U);
}

Result<RuntimeInfo> SimulatedRuntime::info()
{
    const std::scoped_lock lock(m_mutex);
    TRY_OK(reachable());
    return RuntimeInfo{.name = "simulated",
                       .version = "1.0.0",
                       .operatingSystem = "Simulated",
                       .kernelVersion = "0",
                       .architecture = "amd64",
                       .cpus = m_options.cpus,
                       .memoryBytes = m_options.memoryBytes};
}

Result<std::vector<ContainerInfo>> SimulatedRuntime::list()
{
    const std::scoped_lock lock(m_mutex);
    TRY_OK(reachable());
    std::vector<ContainerInfo> all;
    all.reserve(m_containers.size());
    for (auto& [id, each] : m_containers) {
        settle(each);
        all.push_back(each.info);
    }
    return all;
}

Result<ContainerInfo> SimulatedRuntime::inspect(const std::string& id)
{
    const std::scoped_lock lock(m_mutex);
    TRY_ASSIGN(const auto* const found, lookUp(id));
    return found->info;
}

Result<ContainerInfo> SimulatedRuntime::startSandbox(const SandboxSpec& spec)
{
    ContainerInfo info;
    {
        const std::scoped_lock lock(m_mutex);
        TRY_OK(reachable());
        info.id = nextId();
        info.pod = spec.pod;
        info.sandbox = true;
        info.attempt = spec.attempt;
        info.state = ContainerState::Running;
        info.createdAt = info.startedAt = m_clock.wall();
        info.annotations = spec.annotations;
        if (!spec.hostNetwork)
            info.ip = nextAddress();
        m_containers[info.id] = {.info = info};
    }
    announce();
    return info;
}

Result<std::string> SimulatedRuntime::createContainer(const std::string& sandboxId, const ContainerSpec& spec)
{
    const std::scoped_lock lock(m_mutex);
    TRY_OK(running(sandboxId));
    if (!m_imagesPresent && !m_images.contains(spec.image))
        return fail(Reason::NotFound, fmt::format("No such image: {}", spec.image));
    if (!spec.processesOf.empty())
        TRY_OK(running(spec.processesOf));
    ContainerInfo info;
    info.id = nextId();
    info.pod = spec.pod;
    info.name = spec.name;
    info.sandboxId = sandboxId;
    info.attempt = spec.attempt;
    info.state = ContainerState::Created;
    info.image = spec.image;
    info.imageId = "sha256:" + fmt::format("{:064x}", std::hash<std::string>{}(spec.image));
    info.createdAt = m_clock.wall();
    info.annotations = spec.annotations;
    m_containers[info.id] = {.info = info, .spec = spec};
    return info.id;
}

Result<Done> SimulatedRuntime::startContainer(const std::string& id)
{
    {
        const std::scoped_lock lock(m_mutex);
        TRY_ASSIGN(auto* const found, lookUp(id));
        if (const auto failure = m_startFailures.find(found->info.name);
            failure != m_startFailures.end() && !failure->second.empty()) {
            found->info.state = ContainerState::Exited;
            found->info.error = failure->second;
            found->info.exitCode = 127;
            found->info.finishedAt = m_clock.wall();
            return fail(Reason::InternalError, failure->second);
        }
        found->info.state = ContainerState::Running;
        found->info.startedAt = m_clock.wall();
        const auto run = runScript(commandOf(found->spec));
        if (run.understood && !run.readsInput && (run.exitCode || run.lasts > Duration{0})) {
            found->endsAt = m_clock.wall() + run.lasts;
            found->endsWith = run.exitCode.value_or(0);
        }
    }
    announce();
    return Done{};
}

Result<Done> SimulatedRuntime::stopContainer(const std::string& id, std::chrono::seconds)
{
    {
        const std::scoped_lock lock(m_mutex);
        const auto found = running(id);
        if (!found)
            return m_away ? Result<Done>(fail(found.error())) : Done{};
        auto& info = (*found)->info;
        info.state = ContainerState::Exited;
        info.exitCode = info.sandbox ? 0 : stoppedExitCode;
        info.finishedAt = m_clock.wall();
    }
    announce();
    return Done{};
}

Result<Done> SimulatedRuntime::removeContainer(const std::string& id)
{
    {
        const std::scoped_lock lock(m_mutex);
        TRY_OK(reachable());
        if (m_containers.erase(id) == 0)
            return Done{};
    }
    announce();
    return Done{};
}

Result<std::vector<ImageInfo>> SimulatedRuntime::images()
{
    const std::scoped_lock lock(m_mutex);
    TRY_OK(reachable());
    std::vector<ImageInfo> all;
    for (const auto& image : m_images)
        all.push_back({.names = {image}});
    return all;
}

Result<std::string> SimulatedRuntime::imageId(const std::string& image)
{
    const std::scoped_lock lock(m_mutex);
    TRY_OK(reachable());
    const auto repository = image.substr(0, image.find(':', image.rfind('/') + 1));
    if (std::ranges::any_of(repository.substr(repository.rfind('/') + 1), [](char c) { return c >= 'A' && c <= 'Z'; }))
        return fail(Reason::BadRequest, fmt::format("couldn't parse image name \"{}\": invalid reference format: "
                                                    "repository name must be lowercase",
                                                    image));
    const auto failure = m_pullFailures.find(image);
    const bool fails = failure != m_pullFailures.end() && !failure->second.empty();
    if (!m_images.contains(image) && (!m_imagesPresent || fails))
        return fail(Reason::NotFound, fmt::format("No such image: {}", image));
    return "sha256:" + fmt::format("{:064x}", std::hash<std::string>{}(image));
}

void SimulatedRuntime::setImageUser(const std::string& image, const std::string& user)
{
    const std::scoped_lock lock(m_mutex);
    m_imageUsers[image] = user;
}

Result<std::string> SimulatedRuntime::imageUser(const std::string& image)
{
    const std::scoped_lock lock(m_mutex);
    TRY_OK(reachable());
    const auto found = m_imageUsers.find(image);
    return found == m_imageUsers.end() ? "65532" : found->second;
}

Result<std::string> SimulatedRuntime::pullImage(const std::string& image, const std::optional<RegistryCredentials>&)
{
    {
        const std::scoped_lock lock(m_mutex);
        TRY_OK(reachable());
        const auto failure = m_pullFailures.find(image);
        if (failure != m_pullFailures.end() && !failure->second.empty())
            return fail(Reason::InternalError, failure->second);
        m_images.insert(image);
    }
    return imageId(image);
}

Result<std::unique_ptr<Stream>> SimulatedRuntime::logs(const std::string& id, const LogOptions& options,
                                                       StreamHandler handler)
{
    ScriptRun run;
    bool waits = false;
    {
        const std::scoped_lock lock(m_mutex);
        TRY_ASSIGN(const auto* const found, lookUp(id));
        run = runScript(commandOf(found->spec));
        waits = options.follow && found->info.state == ContainerState::Running;
    }
    run.exitCode = 0;
    run.readsInput = false;
    if (options.tailLines && static_cast<std::size_t>(*options.tailLines) < run.output.size())
        run.output.erase(run.output.begin(), run.output.end() - static_cast<std::ptrdiff_t>(*options.tailLines));
    return std::make_unique<SimulatedStream>(std::move(handler), run, waits);
}

Result<std::unique_ptr<Stream>> SimulatedRuntime::exec(const std::string& id, const ExecOptions& options,
                                                       StreamHandler handler)
{
    {
        const std::scoped_lock lock(m_mutex);
        TRY_OK(running(id));
    }
    return std::make_unique<SimulatedStream>(std::move(handler), runScript(options.command), false);
}

Result<std::unique_ptr<Stream>> SimulatedRuntime::attach(const std::string& id, const ExecOptions&,
                                                         StreamHandler handler)
{
    {
        const std::scoped_lock lock(m_mutex);
        TRY_OK(running(id));
    }
    return std::make_unique<SimulatedStream>(std::move(handler), ScriptRun{}, true);
}

Result<OpenFile> SimulatedRuntime::networkOf(const std::string& /*sandboxId*/)
{
    return fail(Reason::ServiceUnavailable, "simulated pods have no network");
}

Result<ContainerStats> SimulatedRuntime::stats(const std::string& id)
{
    const std::scoped_lock lock(m_mutex);
    TRY_ASSIGN(const auto* const found, running(id));
    const auto ran = m_clock.wall() - found->info.startedAt.value_or(m_clock.wall());
    constexpr std::uint64_t workingSetBytes = 16ULL * 1024 * 1024;
    return ContainerStats{.cpuNanoseconds = static_cast<std::uint64_t>(ran.count()) / 100,
                          .memoryWorkingSetBytes = workingSetBytes};
}

void SimulatedRuntime::onChange(std::function<void()> changed)
{
    const std::scoped_lock lock(m_mutex);
    m_changed = std::move(changed);
}

} // namespace keelson::containers
